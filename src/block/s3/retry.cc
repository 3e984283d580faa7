#include "block/s3/retry.h"

#include <algorithm>
#include <array>

namespace tarn::block {
namespace {

constexpr std::array throttling{std::string_view("SlowDown"),
                                std::string_view("Throttling"),
                                std::string_view("ThrottlingException"),
                                std::string_view("RequestThrottled"),
                                std::string_view("TooManyRequests"),
                                std::string_view("RequestLimitExceeded")};
constexpr std::array passing{std::string_view("InternalError"),
                             std::string_view("ServiceUnavailable"),
                             std::string_view("RequestTimeout"),
                             std::string_view("RequestTimeoutException"),
                             std::string_view("BadDigest"),
                             std::string_view("XAmzContentSHA256Mismatch"),
                             std::string_view("XAmzContentChecksumMismatch"),
                             std::string_view("IncompleteBody"),
                             std::string_view("OperationAborted")};
constexpr std::array elsewhere{std::string_view("PermanentRedirect"),
                               std::string_view("TemporaryRedirect"),
                               std::string_view("AuthorizationHeaderMalformed"),
                               std::string_view("IllegalLocationConstraintException")};
constexpr std::array outdated{
    std::string_view("ExpiredToken"), std::string_view("ExpiredTokenException"),
    std::string_view("TokenRefreshRequired"), std::string_view("RequestExpired")};

bool is_in(const auto& list, std::string_view code) {
    return std::ranges::find(list, code) != list.end();
}

}  // namespace

Verdict judge(int status, std::string_view code) {
    if (is_in(throttling, code) || status == 429) return Verdict::slow_down;
    if (is_in(passing, code)) return Verdict::retry;
    if (is_in(elsewhere, code) || status == 301 || status == 307) return Verdict::region;
    if (is_in(outdated, code)) return Verdict::expired;
    if (status == 503) return code.empty() ? Verdict::retry : Verdict::slow_down;
    if (status == 500 || status == 502 || status == 504 || status == 408) return Verdict::retry;
    return Verdict::done;
}

bool RetryBudget::take() {
    const std::lock_guard lock(mutex_);
    if (tokens_ < tokens_a_retry) return false;
    tokens_ -= tokens_a_retry;
    return true;
}

void RetryBudget::give_back() {
    const std::lock_guard lock(mutex_);
    tokens_ = std::min(tokens_ + 1, tokens_max);
}

std::chrono::milliseconds delay_before(int retry, double dice, const S3RetryOptions& options) {
    std::chrono::milliseconds ceiling = options.delay_first;
    for (int i = 1; i < retry && ceiling < options.delay_max; ++i) ceiling *= 2;
    ceiling = std::min(ceiling, options.delay_max);
    return std::chrono::milliseconds(
        static_cast<std::int64_t>(static_cast<double>(ceiling.count()) * dice));
}

}  // namespace tarn::block
