#include "kv/rocksdb/rocksdb_store.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include "base/error.h"
#include "kv/internal/validate.h"
#include "kv/rocksdb/internal/committer.h"
#include "kv/rocksdb/internal/database.h"
#include "kv/rocksdb/internal/hot_rows.h"
#include "kv/rocksdb/internal/rows.h"

namespace tarn::kv {
namespace {

using rocks::Found;
using rocks::Reach;
using rocks::Submission;

constexpr int scan_rows_in_place_max = 32;  // more would hold a core for too long
constexpr int drop_rows_per_chunk = 512;
constexpr std::size_t hot_share = 16;  // of the memory, for rows read lately

// A stretch of a call: either reads or writes.
struct Stage {
    std::vector<std::string> reads;  // row names
    std::shared_ptr<Submission> writes;
};

rocks::Write to_write(const Step& step) {
    rocks::Write write;
    write.row = rocks::row_name(key_of(step));
    if (const auto* put = std::get_if<Put>(&step)) write.value = put->value;
    if (const auto* put_if = std::get_if<PutIf>(&step)) {
        write.value = put_if->value;
        write.expected = put_if->expected;
    }
    return write;
}

std::vector<Stage> stages_of(std::span<const Step> steps) {
    std::vector<Stage> stages;
    for (const Step& step : steps) {
        const bool reads = std::holds_alternative<Find>(step);
        const bool same_kind = !stages.empty() && reads == (stages.back().writes == nullptr);
        if (!same_kind) stages.emplace_back();
        Stage& stage = stages.back();
        if (reads) {
            stage.reads.push_back(rocks::row_name(key_of(step)));
            continue;
        }
        if (!stage.writes) stage.writes = std::make_shared<Submission>();
        stage.writes->writes.push_back(to_write(step));
    }
    return stages;
}

// A place in the line of reads that wait for a worker; given back at the end.
class Waiting {
public:
    Waiting(std::atomic<std::size_t>& waiting, std::size_t waiting_max) : waiting_(waiting) {
        if (waiting_.fetch_add(1) < waiting_max) return;
        waiting_.fetch_sub(1);
        throw Error(Code::exhausted, "embedded store: too many reads wait", "kv_queue");
    }
    ~Waiting() { waiting_.fetch_sub(1); }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

private:
    std::atomic<std::size_t>& waiting_;
};

}  // namespace

struct RocksdbStore::Parts {
    Parts(const RocksdbOptions& given, Workers& some_workers, const RocksdbSeams& seams)
        : options(given),
          workers(some_workers),
          database(options, seams),
          hot_rows(options.memory_bytes / hot_share),
          committer(database, hot_rows, options, seams) {}

    // False when the row lies beyond the reach.
    bool read(const std::string& row, Reach reach, Result& result);
    // Reads on a worker, in order.
    Task<void> read_from_disk(std::span<const std::string> rows, std::span<Result> results);
    Task<void> read(const std::vector<std::string>& rows, std::vector<Result>& results);
    Task<void> write(std::shared_ptr<Submission> submission);

    const RocksdbOptions options;
    Workers& workers;
    rocks::Database database;
    rocks::HotRows hot_rows;
    std::atomic<std::size_t> reads_waiting{0};
    rocks::Committer committer;
};

bool RocksdbStore::Parts::read(const std::string& row, Reach reach, Result& result) {
    std::string value;
    rocks::HotRows::Ticket ticket;
    if (hot_rows.find(row, value, ticket)) {
        result.value = std::move(value);
        return true;
    }
    const Found found = database.find(row, reach, value);
    if (found == Found::beyond) return false;
    if (found == Found::nothing) return true;
    hot_rows.remember(row, value, ticket);
    result.value = std::move(value);
    return true;
}

Task<void> RocksdbStore::Parts::read_from_disk(std::span<const std::string> rows,
                                               std::span<Result> results) {
    const Waiting place(reads_waiting, options.queue_operations_max);
    co_await workers.offload([this, rows, results] {
        for (std::size_t at = 0; at < rows.size(); ++at) read(rows[at], Reach::disk, results[at]);
    });
}

// Each row is read no earlier than the one before it: what the order of steps promises. A snapshot
// would say the same of one instant, and cost a lock.
Task<void> RocksdbStore::Parts::read(const std::vector<std::string>& rows,
                                     std::vector<Result>& results) {
    const std::size_t first = results.size();
    results.resize(first + rows.size());
    std::size_t at = 0;
    while (at < rows.size() && read(rows[at], Reach::memory, results[first + at])) ++at;
    if (at == rows.size()) co_return;
    const auto rows_left = std::span(rows).subspan(at);
    const auto results_left = std::span(results).subspan(first + at);
    co_await read_from_disk(rows_left, results_left);
}

Task<void> RocksdbStore::Parts::write(std::shared_ptr<Submission> submission) {
    committer.submit(submission);
    const bool in_time = co_await submission->answered.wait_for(options.request_timeout);
    if (!in_time) {
        throw Error(Code::unavailable, "embedded store: a write was not answered in time",
                    "kv_timeout");
    }
    if (submission->failure) throw Error(*submission->failure);
}

RocksdbStore::RocksdbStore(const RocksdbOptions& options, Workers& workers)
    : RocksdbStore(options, workers, RocksdbSeams()) {}

RocksdbStore::RocksdbStore(const RocksdbOptions& options, Workers& workers,
                           const RocksdbSeams& seams)
    : parts_(std::make_unique<Parts>(options, workers, seams)) {}

RocksdbStore::~RocksdbStore() = default;

Task<std::vector<Result>> RocksdbStore::run(std::span<const Step> steps) {
    validate(steps);
    const std::vector<Stage> stages = stages_of(steps);  // copies all, before anything suspends
    std::vector<Result> results;
    results.reserve(steps.size());
    for (const Stage& stage : stages) {
        if (!stage.writes) {
            co_await parts_->read(stage.reads, results);
            continue;
        }
        co_await parts_->write(stage.writes);
        for (const bool done : stage.writes->done) results.push_back({std::nullopt, done});
    }
    co_return results;
}

Task<std::vector<Pair>> RocksdbStore::scan(std::string_view partition, std::string_view from,
                                           int limit) {
    validate_partition(partition);
    validate_limit(limit);
    rocks::Database& database = parts_->database;
    const int in_place = std::min(limit, scan_rows_in_place_max);
    auto found = database.scan(partition, from, in_place, Reach::memory);
    const bool whole = found && (in_place == limit || found->size() < std::size_t(in_place));
    if (whole) co_return std::move(*found);

    const Waiting place(parts_->reads_waiting, parts_->options.queue_operations_max);
    auto page = co_await parts_->workers.offload(
        [&database, limit, in = std::string(partition), at = std::string(from)] {
            return *database.scan(in, at, limit, Reach::disk);
        });
    co_return page;
}

Task<void> RocksdbStore::drop(std::string_view partition) {
    validate_partition(partition);
    rocks::Database& database = parts_->database;
    const std::string name(partition);
    std::string after;
    while (true) {
        auto rows = co_await parts_->workers.offload(
            [&database, &name, &after] { return database.rows(name, after, drop_rows_per_chunk); });
        if (rows.empty()) co_return;
        after = rows.back();
        auto removals = std::make_shared<Submission>();
        for (std::string& row : rows) removals->writes.push_back({std::move(row), {}, {}});
        co_await parts_->write(removals);
    }
}

Task<std::vector<std::string>> RocksdbStore::partitions(std::string_view after, int limit) {
    validate_limit(limit);
    rocks::Database& database = parts_->database;
    const Waiting place(parts_->reads_waiting, parts_->options.queue_operations_max);
    auto names = co_await parts_->workers.offload(
        [&database, limit, from = std::string(after)] { return database.partitions(from, limit); });
    co_return names;
}

Task<void> RocksdbStore::backup(std::filesystem::path folder) {
    rocks::Database& database = parts_->database;
    co_await parts_->workers.offload([&database, &folder] { database.backup(folder); });
}

}  // namespace tarn::kv
