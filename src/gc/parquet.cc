#include "gc/internal/parquet.h"

#include <isa-l/igzip_lib.h>

#include "base/error.h"

namespace tarn::gc {
namespace {

// Types of Thrift's compact protocol, and the few numbers of Parquet that are used here.
enum Type { i32 = 5, i64 = 6, text = 8, list = 9, record = 12 };
constexpr std::int64_t int64_column = 2;
constexpr std::int64_t bytes_column = 6;
constexpr std::int64_t required = 0;
constexpr std::int64_t utf8 = 0;
constexpr std::int64_t plain = 0;
constexpr std::int64_t levels_encoding = 3;
constexpr std::int64_t gzip = 2;
constexpr std::int64_t data_page = 0;

// Writes structs in Thrift's compact protocol; fields ascend.
class Thrift {
public:
    void number(int field, Type type, std::int64_t value) {
        head(field, type);
        varint(zigzag(value));
    }
    void string(int field, std::string_view value) {
        head(field, Type::text);
        bytes(value);
    }
    void begin_list(int field, Type type, std::size_t count) {
        head(field, Type::list);
        out_ += static_cast<char>((count < 15 ? count << 4 : 0xf0) | type);
        if (count >= 15) varint(count);
    }
    void list_number(std::int64_t value) { varint(zigzag(value)); }
    void list_string(std::string_view value) { bytes(value); }
    // A struct as a field, or as an element of a list.
    void begin(int field) {
        head(field, Type::record);
        begin();
    }
    void begin() {
        outer_.push_back(last_);
        last_ = 0;
    }
    void end() {
        out_ += '\0';
        last_ = outer_.back();
        outer_.pop_back();
    }
    std::string take() {
        out_ += '\0';
        return std::move(out_);
    }

private:
    static std::uint64_t zigzag(std::int64_t value) {
        return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
    }
    void head(int field, Type type) {
        out_ += static_cast<char>((field - last_) << 4 | type);
        last_ = field;
    }
    void varint(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7) out_ += static_cast<char>(value | 0x80);
        out_ += static_cast<char>(value);
    }
    void bytes(std::string_view value) {
        varint(value.size());
        out_ += value;
    }

    std::string out_;
    int last_ = 0;
    std::vector<int> outer_;
};

void append_little_endian(std::string& out, std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) out += static_cast<char>(value >> (8 * i));
}

std::string compress(std::string_view plain_bytes) {
    // What cannot be compressed is stored, in blocks with a head of a few bytes.
    std::string out(plain_bytes.size() + plain_bytes.size() / 64 + 1024, '\0');
    isal_zstream stream;
    isal_deflate_stateless_init(&stream);
    stream.gzip_flag = IGZIP_GZIP;
    stream.end_of_stream = 1;
    stream.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(plain_bytes.data()));
    stream.avail_in = static_cast<std::uint32_t>(plain_bytes.size());
    stream.next_out = reinterpret_cast<std::uint8_t*>(out.data());
    stream.avail_out = static_cast<std::uint32_t>(out.size());
    CHECK(isal_deflate_stateless(&stream) == COMP_OK, "a page always fits");
    out.resize(stream.total_out);
    return out;
}

void append_column(Thrift& out, std::string_view name, std::int64_t type, std::int64_t rows,
                   std::size_t offset, std::size_t bytes_before, std::size_t bytes) {
    out.begin();
    out.number(2, Type::i64, static_cast<std::int64_t>(offset));
    out.begin(3);
    out.number(1, Type::i32, type);
    out.begin_list(2, Type::i32, 1);
    out.list_number(plain);
    out.begin_list(3, Type::text, 1);
    out.list_string(name);
    out.number(4, Type::i32, gzip);
    out.number(5, Type::i64, rows);
    out.number(6, Type::i64, static_cast<std::int64_t>(bytes_before));
    out.number(7, Type::i64, static_cast<std::int64_t>(bytes));
    out.number(9, Type::i64, static_cast<std::int64_t>(offset));
    out.end();
    out.end();
}

constexpr std::string_view address_name = "physical_address";
constexpr std::string_view date_name = "creation_date";

}  // namespace

AddressFile::AddressFile(std::size_t group_bytes) : group_bytes_(group_bytes) {}

void AddressFile::add(std::string_view address, std::int64_t created) {
    append_little_endian(addresses_, address.size(), 4);
    addresses_ += address;
    append_little_endian(dates_, static_cast<std::uint64_t>(created), 8);
    ++group_rows_;
    if (addresses_.size() >= group_bytes_) close_group();
}

AddressFile::Chunk AddressFile::write_page(const std::string& values) {
    const std::string packed = compress(values);
    Thrift header;
    header.number(1, Type::i32, data_page);
    header.number(2, Type::i32, static_cast<std::int64_t>(values.size()));
    header.number(3, Type::i32, static_cast<std::int64_t>(packed.size()));
    header.begin(5);
    header.number(1, Type::i32, group_rows_);
    header.number(2, Type::i32, plain);
    header.number(3, Type::i32, levels_encoding);
    header.number(4, Type::i32, levels_encoding);
    header.end();
    const std::string head = header.take();
    Chunk chunk{bytes_.size(), head.size() + packed.size(), head.size() + values.size()};
    bytes_ += head;
    bytes_ += packed;
    return chunk;
}

void AddressFile::close_group() {
    if (group_rows_ == 0) return;
    Group group;
    group.rows = group_rows_;
    group.addresses = write_page(addresses_);
    group.dates = write_page(dates_);
    groups_.push_back(group);
    rows_ += group_rows_;
    group_rows_ = 0;
    addresses_.clear();
    dates_.clear();
}

std::string AddressFile::footer() const {
    Thrift out;
    out.number(1, Type::i32, 1);
    out.begin_list(2, Type::record, 3);
    out.begin();
    out.string(4, "addresses");
    out.number(5, Type::i32, 2);
    out.end();
    out.begin();
    out.number(1, Type::i32, bytes_column);
    out.number(3, Type::i32, required);
    out.string(4, address_name);
    out.number(6, Type::i32, utf8);
    out.end();
    out.begin();
    out.number(1, Type::i32, int64_column);
    out.number(3, Type::i32, required);
    out.string(4, date_name);
    out.end();
    out.number(3, Type::i64, rows_);
    out.begin_list(4, Type::record, groups_.size());
    for (const Group& group : groups_) {
        const Chunk& first = group.addresses;
        const Chunk& second = group.dates;
        out.begin();
        out.begin_list(1, Type::record, 2);
        append_column(out, address_name, bytes_column, group.rows, first.offset, first.bytes_before,
                      first.bytes);
        append_column(out, date_name, int64_column, group.rows, second.offset, second.bytes_before,
                      second.bytes);
        out.number(2, Type::i64,
                   static_cast<std::int64_t>(first.bytes_before + second.bytes_before));
        out.number(3, Type::i64, group.rows);
        out.end();
    }
    out.string(6, "tarn");
    return out.take();
}

std::string AddressFile::finish() {
    close_group();
    const std::string end = footer();
    bytes_ += end;
    append_little_endian(bytes_, end.size(), 4);
    bytes_ += "PAR1";
    return std::move(bytes_);
}

}  // namespace tarn::gc
