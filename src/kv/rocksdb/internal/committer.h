#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/signal.h"
#include "kv/rocksdb/internal/database.h"
#include "kv/rocksdb/internal/hot_rows.h"
#include "kv/rocksdb/options.h"
#include "kv/step.h"

namespace tarn::kv::rocks {

// One write of a call: put, or removal when there is no value; conditional when `expected` is set.
struct Write {
    std::string row;
    std::optional<std::string> value;
    std::optional<Expected> expected;
};

// Consecutive writes of one call. They take effect together and in order.
// Lifetime  Shared by the caller and the committer, so that a caller may stop waiting. The
// committer
//           fills `done` and `failure` before it notifies `answered`; nobody else reads them
//           earlier.
struct Submission {
    std::vector<Write> writes;
    std::vector<bool> done;        // per write: false when its expectation did not hold
    std::optional<Error> failure;  // then whether anything was written is unknown
    Signal answered;

    std::size_t bytes() const;
};

// The thread that writes: while one batch becomes durable, the next gathers.
//
// Shape     Submissions take effect in the order of arrival. A condition is compared with what
// earlier
//           writes of its own batch leave, else with the database. A row written often in a batch
//           is sent once, with its last value. All callers of a batch are answered at once, after
//           it is durable.
// Limits    As RocksdbOptions; a batch takes up to 1,024 submissions or 4 MiB.
// Threads   `submit` from any. Lifetime  The destructor writes and answers what is queued, then
// stops.
class Committer {
public:
    Committer(Database& database, HotRows& hot_rows, const RocksdbOptions& options,
              const RocksdbSeams& seams);
    ~Committer();

    // Errors  exhausted: too much waits already; nothing is queued then.
    void submit(std::shared_ptr<Submission> submission);

private:
    using Batch = std::vector<std::shared_ptr<Submission>>;
    struct Decision;

    void run();
    Batch take_batch();
    void release(const Batch& batch);
    void commit(const Batch& batch);
    Decision decide(const Batch& batch);
    bool expectation_holds(const Write& write, const Decision& decision);
    void write(const Decision& decision);

    Database& database_;
    HotRows& hot_rows_;
    const RocksdbOptions options_;
    const RocksdbSeams seams_;

    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<std::shared_ptr<Submission>> queue_;
    std::size_t operations_ = 0;  // queued or under way
    std::size_t bytes_ = 0;
    bool stopping_ = false;
    bool failed_ = false;  // and it has been logged; the committer's thread only
    std::thread thread_;   // last: it uses all of the above
};

}  // namespace tarn::kv::rocks
