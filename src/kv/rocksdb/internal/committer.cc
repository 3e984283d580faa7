#include "kv/rocksdb/internal/committer.h"

#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/failure_point.h"
#include "base/log.h"
#include "kv/internal/validate.h"

namespace tarn::kv::rocks {
namespace {

constexpr std::size_t batch_submissions_max = 1024;
constexpr std::size_t batch_bytes_max = 4 * 1024 * 1024;

}  // namespace

std::size_t Submission::bytes() const {
    std::size_t sum = 0;
    for (const Write& write : writes) {
        sum += write.row.size() + (write.value ? write.value->size() : 0);
    }
    return sum;
}

// What a batch comes to: the last state of every row it writes. Views into its submissions.
struct Committer::Decision {
    std::vector<Change> changes;
    std::unordered_map<std::string_view, std::size_t> by_row;  // index into `changes`

    void take(const Write& write) {
        const std::optional<std::string_view> value = write.value;
        const auto [at, is_new] = by_row.try_emplace(write.row, changes.size());
        if (is_new) {
            changes.push_back({write.row, value});
        } else {
            changes[at->second].value = value;
        }
    }
};

Committer::Committer(Database& database, HotRows& hot_rows, const RocksdbOptions& options,
                     const RocksdbSeams& seams)
    : database_(database), hot_rows_(hot_rows), options_(options), seams_(seams), thread_([this] {
          run();
      }) {}

Committer::~Committer() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    arrived_.notify_one();
    thread_.join();
}

void Committer::submit(std::shared_ptr<Submission> submission) {
    const std::size_t operations = submission->writes.size();
    const std::size_t bytes = submission->bytes();
    {
        const std::lock_guard lock(mutex_);
        if (operations_ + operations > options_.queue_operations_max ||
            bytes_ + bytes > options_.queue_bytes_max) {
            throw Error(Code::exhausted, "embedded store: too many writes wait", "kv_queue");
        }
        operations_ += operations;
        bytes_ += bytes;
        queue_.push_back(std::move(submission));
    }
    arrived_.notify_one();
}

void Committer::run() {
    while (true) {
        const Batch batch = take_batch();
        if (batch.empty()) return;
        if (seams_.before_batch) seams_.before_batch();
        commit(batch);
        release(batch);
        std::vector<Signal> answered;
        answered.reserve(batch.size());
        for (const auto& submission : batch) answered.push_back(submission->answered);
        Signal::notify_all(answered);
    }
}

// Waits for work; an empty batch means that the end has come.
Committer::Batch Committer::take_batch() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    Batch batch;
    std::size_t bytes = 0;
    while (!queue_.empty() && batch.size() < batch_submissions_max && bytes < batch_bytes_max) {
        bytes += queue_.front()->bytes();
        batch.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    return batch;
}

void Committer::release(const Batch& batch) {
    const std::lock_guard lock(mutex_);
    for (const auto& submission : batch) {
        operations_ -= submission->writes.size();
        bytes_ -= submission->bytes();
    }
}

void Committer::commit(const Batch& batch) {
    try {
        const Decision decision = decide(batch);
        if (!decision.changes.empty()) write(decision);
    } catch (const Error& error) {
        if (!std::exchange(failed_, true)) log::error("{}", error.message());
        for (const auto& submission : batch) submission->failure = error;
    }
}

Committer::Decision Committer::decide(const Batch& batch) {
    Decision decision;
    for (const auto& submission : batch) {
        submission->done.clear();
        for (const Write& write : submission->writes) {
            const bool done = !write.expected || expectation_holds(write, decision);
            submission->done.push_back(done);
            if (done) decision.take(write);
        }
    }
    return decision;
}

bool Committer::expectation_holds(const Write& write, const Decision& decision) {
    const auto earlier = decision.by_row.find(write.row);
    if (earlier != decision.by_row.end() && !seams_.compares_with_database_only) {
        return holds(*write.expected, decision.changes[earlier->second].value);
    }
    std::string value;
    const Found found = database_.find(write.row, Reach::disk, value);
    if (found == Found::nothing) return holds(*write.expected, std::nullopt);
    return holds(*write.expected, value);
}

void Committer::write(const Decision& decision) {
    std::vector<bool> was_hot;
    was_hot.reserve(decision.changes.size());
    for (const Change& change : decision.changes) {
        was_hot.push_back(hot_rows_.begin_write(change.row));
    }
    const auto end_writes = [&](bool written) {
        for (std::size_t at = 0; at < decision.changes.size(); ++at) {
            const Change& change = decision.changes[at];
            const bool keep = written && was_hot[at] && change.value;
            hot_rows_.end_write(change.row, keep ? &*change.value : nullptr);
        }
    };
    try {
        failure_point("rocksdb: batch decided");
        database_.write(decision.changes);
        failure_point("rocksdb: batch written");
    } catch (const Error&) {
        end_writes(false);
        throw;
    }
    end_writes(true);
}

}  // namespace tarn::kv::rocks
