#include "gc/testing/address_file_reader.h"

#include <isa-l/igzip_lib.h>

#include <map>
#include <memory>
#include <stdexcept>

namespace tarn::gc::testing {
namespace {

void require(bool holds, const char* what) {
    if (!holds) throw std::runtime_error(what);
}

// A value of Thrift's compact protocol: a number, a text, the elements of a list or the fields of
// a struct.
struct Value {
    std::int64_t number = 0;
    std::string text;
    std::vector<Value> elements;
    std::map<int, Value> fields;
};

class Reader {
public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}

    Value read_struct() {
        Value out;
        for (int field = 0;;) {
            const auto head = byte();
            if (head == 0) return out;
            field += head >> 4;
            out.fields[field] = read(head & 15);
        }
    }
    std::size_t at() const { return at_; }

private:
    std::uint8_t byte() {
        require(at_ < bytes_.size(), "a struct ends too early");
        return static_cast<std::uint8_t>(bytes_[at_++]);
    }
    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (int shift = 0;; shift += 7) {
            const auto next = byte();
            value |= static_cast<std::uint64_t>(next & 0x7f) << shift;
            if (next < 0x80) return value;
        }
    }
    Value read(int type) {
        Value out;
        if (type == 5 || type == 6) {
            const std::uint64_t zigzag = varint();
            out.number =
                static_cast<std::int64_t>(zigzag >> 1) ^ -static_cast<std::int64_t>(zigzag & 1);
        } else if (type == 8) {
            const std::size_t size = varint();
            require(at_ + size <= bytes_.size(), "a text ends too early");
            out.text = bytes_.substr(at_, size);
            at_ += size;
        } else if (type == 9) {
            const auto head = byte();
            const std::size_t count = head >> 4 == 15 ? varint() : head >> 4;
            for (std::size_t i = 0; i < count; ++i) out.elements.push_back(read(head & 15));
        } else {
            require(type == 12, "a type that is not expected");
            out = read_struct();
        }
        return out;
    }

    std::string_view bytes_;
    std::size_t at_ = 0;
};

std::uint64_t little_endian(std::string_view bytes, std::size_t at, int size) {
    require(at + static_cast<std::size_t>(size) <= bytes.size(), "a number ends too early");
    std::uint64_t value = 0;
    for (int i = size - 1; i >= 0; --i) {
        value = value << 8 | static_cast<std::uint8_t>(bytes[at + static_cast<std::size_t>(i)]);
    }
    return value;
}

std::string unpack(std::string_view packed, std::size_t size) {
    std::string out(size, '\0');
    inflate_state state;
    isal_inflate_init(&state);
    state.crc_flag = ISAL_GZIP;
    state.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(packed.data()));
    state.avail_in = static_cast<std::uint32_t>(packed.size());
    state.next_out = reinterpret_cast<std::uint8_t*>(out.data());
    state.avail_out = static_cast<std::uint32_t>(out.size());
    require(isal_inflate(&state) == ISAL_DECOMP_OK && state.total_out == size, "a broken page");
    return out;
}

std::string read_page(std::string_view file, const Value& column) {
    Value facts = column.fields.at(3);
    const auto offset = static_cast<std::size_t>(facts.fields[9].number);
    Reader reader(file.substr(offset));
    Value header = reader.read_struct();
    const auto size = static_cast<std::size_t>(header.fields[2].number);
    const auto packed = static_cast<std::size_t>(header.fields[3].number);
    require(reader.at() + packed == static_cast<std::size_t>(facts.fields[7].number),
            "the page is not as long as its column");
    require(header.fields[5].fields[1].number == facts.fields[5].number, "another number of rows");
    return unpack(file.substr(offset + reader.at(), packed), size);
}

}  // namespace

std::vector<AddressRow> read_addresses(std::string_view file) {
    require(file.starts_with("PAR1") && file.ends_with("PAR1"), "no Parquet file");
    const std::size_t size = little_endian(file, file.size() - 8, 4);
    Value footer = Reader(file.substr(file.size() - 8 - size, size)).read_struct();
    require(footer.fields[2].elements.at(1).fields[4].text == "physical_address", "other columns");
    require(footer.fields[2].elements.at(2).fields[4].text == "creation_date", "other columns");
    std::vector<AddressRow> rows;
    for (Value& group : footer.fields[4].elements) {
        const std::string addresses = read_page(file, group.fields[1].elements.at(0));
        const std::string dates = read_page(file, group.fields[1].elements.at(1));
        std::size_t at = 0;
        for (std::int64_t i = 0; i < group.fields[3].number; ++i) {
            const std::size_t length = little_endian(addresses, at, 4);
            AddressRow row;
            row.address = addresses.substr(at + 4, length);
            row.created =
                static_cast<std::int64_t>(little_endian(dates, static_cast<std::size_t>(i) * 8, 8));
            at += 4 + length;
            rows.push_back(std::move(row));
        }
    }
    require(static_cast<std::int64_t>(rows.size()) == footer.fields[3].number, "rows are missing");
    return rows;
}

}  // namespace tarn::gc::testing
