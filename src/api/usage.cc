#include "api/usage.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"
#include "base/log.h"
#include "kv/page.h"

namespace tarn::api {
namespace {

constexpr std::string_view partition = "usage";
constexpr std::int64_t seconds_max = 5 * 60;
constexpr int months_max = 1'000;

std::string prefix_of(const std::string& installation) {
    return fmt::format("usage/monthly/{}/", installation);
}

std::string month_of(Time time) {
    return fmt::format("{:%Y%m}", fmt::gmtime(static_cast<std::time_t>(unix_seconds(time))));
}

}  // namespace

Usage::Usage(kv::Store& store, auth::Auth& auth, const Clock& clock)
    : store_(store), auth_(auth), clock_(clock), flushed_seconds_(unix_seconds(clock.now())) {}

bool Usage::is_old() const {
    return unix_seconds(clock_.now()) - flushed_seconds_ >= seconds_max;
}

Task<void> Usage::write() {
    try {
        co_await flush();
    } catch (const Error& error) {
        log::warning("the usage could not be recorded: {}", error.message());
    }
    writing_ = false;
}

Task<void> Usage::flush() {
    const std::int64_t operations = counted_.exchange(0);
    const Time now = clock_.now();
    flushed_seconds_ = unix_seconds(now);
    if (operations == 0) co_return;
    std::optional<Error> failure;
    try {
        co_await add(operations, now);
    } catch (const Error& error) {
        failure = error;
    }
    if (!failure) co_return;
    counted_ += operations;
    throw *failure;
}

Task<void> Usage::add(std::int64_t operations, Time when) {
    const std::string installation = co_await auth_.installation_id();
    if (installation.empty()) co_return;
    const kv::Key key{std::string(partition), prefix_of(installation) + month_of(when)};
    for (bool written = false; !written;) {
        const auto seen = co_await kv::find(store_, key);
        const auto before = seen ? parse_decimal(*seen).value_or(0) : 0;
        const kv::Expected expected = seen ? kv::equals(*seen) : kv::Expected(kv::absent);
        std::string value = std::to_string(before + static_cast<std::uint64_t>(operations));
        written = co_await kv::put_if(store_, key, std::move(value), expected);
    }
}

Task<std::vector<MonthlyUsage>> Usage::months() {
    co_await flush();
    const std::string installation = co_await auth_.installation_id();
    const auto rows = co_await kv::list_rows(store_, std::string(partition),
                                             prefix_of(installation), "", "", months_max, nullptr);
    std::vector<MonthlyUsage> months;
    for (const kv::Pair& row : rows.items) {
        const auto month = parse_decimal(row.name);
        const auto operations = parse_decimal(row.value);
        if (!month || !operations || row.name.size() != 6) continue;
        months.push_back({static_cast<int>(*month / 100), static_cast<int>(*month % 100),
                          static_cast<std::int64_t>(*operations)});
    }
    co_return months;
}

}  // namespace tarn::api
