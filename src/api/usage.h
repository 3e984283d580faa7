#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "auth/auth.h"
#include "base/clock.h"
#include "kv/store.h"

namespace tarn::api {

struct MonthlyUsage {
    int year = 0;
    int month = 0;  // 1..12
    std::int64_t operations = 0;
};

// Counts operations by month, for the usage report: the rows
// "usage/monthly/<installation>/<YYYYMM>" of the partition "usage", which all servers of an
// installation add to. Threads  Any. Limits   Kept in memory for five minutes or a thousand
// operations; a crash loses those.
class Usage {
public:
    Usage(kv::Store& store, auth::Auth& auth, const Clock& clock);

    // One more operation; true when it is time to `write`, for one caller until that has ended.
    bool count() {
        const std::int64_t waiting = counted_.fetch_add(1, std::memory_order_relaxed) + 1;
        const bool due = waiting >= operations_max || is_old();
        return due && !writing_.exchange(true);
    }
    // Adds what was counted to the rows. Never fails: what could not be written is kept.
    Task<void> write();
    // All months, the earliest first, with what this server has not written yet.
    Task<std::vector<MonthlyUsage>> months();

private:
    static constexpr std::int64_t operations_max = 1'000;

    bool is_old() const;
    Task<void> flush();
    Task<void> add(std::int64_t operations, Time when);

    kv::Store& store_;
    auth::Auth& auth_;
    const Clock& clock_;
    std::atomic<std::int64_t> counted_ = 0;
    std::atomic<std::int64_t> flushed_seconds_;  // when
    std::atomic<bool> writing_ = false;          // somebody was told to
};

}  // namespace tarn::api
