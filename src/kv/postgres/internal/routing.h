#pragma once

#include <cstdint>
#include <string_view>

namespace tarn::kv::postgres {

inline constexpr int table_count = 100;  // kv_0 .. kv_99
inline constexpr int whole_table = -1;   // kv, which has them all

// The number of the hash partition of table kv that holds a partition key, as PostgreSQL computes
// it for PARTITION BY HASH (bytea). Pure.
// Source  docs/formats/kv.md; the server is asked at start-up whether it agrees.
int table_of(std::string_view partition);

// PostgreSQL's extended hash of bytes (a variant of Bob Jenkins' lookup3). Pure.
std::uint64_t hash_extended(std::string_view bytes, std::uint64_t seed);

}  // namespace tarn::kv::postgres
