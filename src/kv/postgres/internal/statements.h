#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "kv/postgres/internal/routing.h"

namespace tarn::kv::postgres {

// What a prepared statement does with many rows at once; `scan` pages through one partition.
enum class Verb : std::uint8_t {
    find,         // partitions, names -> (ordinal, value) of those that exist
    put,          // partitions, names, values
    remove,       // partitions, names
    put_absent,   // partitions, names, values -> (partition, name) of those written
    put_present,  // likewise
    put_equals,   // partitions, names, values, expected values -> likewise
    scan,         // partition, first name, limit -> (name, value)
};
inline constexpr std::size_t verb_count = 7;

// A number for each verb and table, below `statement_count`.
std::size_t statement_number(Verb verb, int table);
inline constexpr std::size_t statement_count = verb_count * (table_count + 1);

// "put_7"; "put_all" for the whole table.
std::string statement_name(Verb verb, int table);
std::string statement_text(Verb verb, int table);

// "kv_7", or "kv" for the whole table.
std::string table_name(int table);

// The binary form of a bytea[] parameter, built element by element.
class ByteaArray {
public:
    void clear(std::size_t elements);
    void append(std::string_view element);
    const std::string& bytes() const { return bytes_; }

private:
    std::string bytes_;
};

// Binary integers of the wire.
std::string int32_bytes(std::int32_t value);
std::int64_t read_int64(std::string_view bytes);

}  // namespace tarn::kv::postgres
