#include "sstable/separator.h"

#include <algorithm>
#include <cstdint>

namespace tarn::sstable {
namespace {

using namespace std::string_view_literals;

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
    return static_cast<std::uint8_t>(bytes[at]);
}

// `key` up to the first byte from `from` on that can be incremented, incremented; else `key`.
std::string shortened(std::string_view key, std::size_t from) {
    std::string result(key);
    for (std::size_t i = from; i < result.size(); ++i) {
        if (byte_at(result, i) == 0xff) continue;
        ++result[i];
        result.resize(i + 1);
        break;
    }
    return result;
}

std::string raw_separator(std::string_view last, std::string_view next) {
    const std::size_t common_max = std::min(last.size(), next.size());
    std::size_t at = 0;
    while (at < common_max && last[at] == next[at]) ++at;
    if (at == common_max || byte_at(last, at) >= byte_at(next, at)) return std::string(last);
    if (at < next.size() - 1 || byte_at(last, at) + 1 < byte_at(next, at)) {
        std::string result(last.substr(0, at + 1));
        ++result[at];
        return result;
    }
    return shortened(last, at + 1);
}

std::string with_trailer(std::string key, std::string_view last) {
    const bool changed = key.size() <= last.size() && last < key;
    if (!changed) key = last;
    key += changed ? separator_trailer() : record_trailer();
    return key;
}

}  // namespace

std::string_view record_trailer() {
    return "\x01\0\0\0\0\0\0\0"sv;
}

std::string_view separator_trailer() {
    return "\x11\xff\xff\xff\xff\xff\xff\xff"sv;
}

std::string separator_between(std::string_view last, std::string_view next) {
    return with_trailer(raw_separator(last, next), last);
}

std::string successor_of(std::string_view last) {
    return with_trailer(shortened(last, 0), last);
}

}  // namespace tarn::sstable
