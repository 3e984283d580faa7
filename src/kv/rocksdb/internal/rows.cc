#include "kv/rocksdb/internal/rows.h"

#include "base/error.h"

namespace tarn::kv::rocks {
namespace {

constexpr char escaped_zero = '\xff';
constexpr char partition_closed = '\x01';
constexpr char after_partition = '\x02';

void append_escaped(std::string& out, std::string_view partition) {
    for (const char byte : partition) {
        out.push_back(byte);
        if (byte == '\0') out.push_back(escaped_zero);
    }
}

std::string bounded(std::string_view partition, char bound) {
    std::string out;
    out.reserve(partition.size() + 2);
    append_escaped(out, partition);
    out.push_back('\0');
    out.push_back(bound);
    return out;
}

}  // namespace

std::string row_name(std::string_view partition, std::string_view name) {
    std::string out;
    out.reserve(partition.size() + 2 + name.size());
    append_escaped(out, partition);
    out.push_back('\0');
    out.push_back(partition_closed);
    out.append(name);
    return out;
}

std::string partition_begin(std::string_view partition) {
    return bounded(partition, partition_closed);
}

std::string partition_end(std::string_view partition) {
    return bounded(partition, after_partition);
}

std::string partition_of(std::string_view row) {
    std::string out;
    for (std::size_t at = 0; at < row.size(); ++at) {
        if (row[at] != '\0') {
            out.push_back(row[at]);
            continue;
        }
        ++at;
        if (at == row.size()) break;
        if (row[at] == partition_closed) return out;
        if (row[at] != escaped_zero) break;
        out.push_back('\0');
    }
    throw Error(Code::corrupted, "a row of the embedded store has no partition");
}

}  // namespace tarn::kv::rocks
