#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>

#include "base/secret.h"

namespace tarn::kv {

struct PostgresOptions {
    Secret connection_string;  // as libpq takes it: a URL or key=value words; empty: PG* variables
    int connections_max = 25;  // 3..1000, lanes and pool together
    int connections_idle_max = 25;                           // 0..1000, kept open by the pool
    std::chrono::milliseconds connection_lifetime{300'000};  // 0: without end
    std::chrono::milliseconds connect_timeout{5000};         // 100 ms..10 min
    std::chrono::milliseconds request_timeout{5000};         // 1 ms..10 min, for one call
    std::chrono::milliseconds scan_timeout{30'000};  // likewise, for a page or a chunk of a drop
    std::chrono::milliseconds away_grace{
        2000};                                // calls wait so long for a lost database, then fail
    std::size_t queue_operations_max = 4096;  // calls waiting or under way, per lane; 1..1M
    std::size_t queue_bytes_max = 64 * 1024 * 1024;  // their keys and values; 1 MiB..4 GiB
    int lanes = 0;  // pairs of connections for reads and writes, 1..64; 0: a quarter of the cores
};

// Where tests reach in; a server leaves all of it as it is.
struct PostgresSeams {
    const std::atomic<bool>* held = nullptr;  // while true, no lane sends a new round
    bool one_transaction = false;  // a seeded fault: reads of a round before its writes are visible
    bool routed_by_parent = false;  // as if the routing had not been verified
};

}  // namespace tarn::kv
