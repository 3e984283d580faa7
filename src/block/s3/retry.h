#pragma once

#include <chrono>
#include <mutex>
#include <string_view>

#include "block/s3/options.h"

namespace tarn::block {

// What an answer, or the want of one, means for the request.
enum class Verdict {
    done,       // an answer to be read, good or bad
    retry,      // the store failed; it may do better
    slow_down,  // the store is asked too much
    region,     // the bucket lies elsewhere
    expired,    // the credentials are no longer good
};

// Judges an answer by its status and S3's error code. Pure.
Verdict judge(int status, std::string_view code);

// What all requests together may spend on retries, so that an ailing store is not asked several
// times as much as a sound one.
//
// Threads  Any.
// Limits   A retry takes 5 of 500 tokens, an answered request gives one back.
class RetryBudget {
public:
    // False when too little is left.
    bool take();
    void give_back();

private:
    static constexpr int tokens_max = 500;
    static constexpr int tokens_a_retry = 5;

    std::mutex mutex_;
    int tokens_ = tokens_max;
};

// How long to wait before retry number `retry` (1 and up): anywhere up to twice as long as the last
// time, so that clients that failed together do not come back together. `dice` is in 0..1.
std::chrono::milliseconds delay_before(int retry, double dice, const S3RetryOptions& options);

}  // namespace tarn::block
