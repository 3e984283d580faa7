#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/task.h"
#include "base/workers.h"
#include "kv/store.h"

namespace tarn::staging {

// A staged change: a value, or a tombstone (identity empty) that hides the committed one.
struct Staged {
    std::string identity;
    std::string data;

    bool is_tombstone() const { return identity.empty(); }
    friend bool operator==(const Staged&, const Staged&) = default;
};

// The bytes of a staged entry's row, and back. `data` is kept byte for byte.
std::string encode(std::string_view key, const Staged& staged);
// Errors  corrupted.
Staged decode(std::string_view bytes);

// A new staging token: "<repository>-<branch>:<uuid>". It is the partition of its rows.
std::string new_token(std::string_view repository, std::string_view branch);

struct StagedRecord {
    std::string key;
    Staged staged;
};

// The rows of several tokens as one ordered sequence; of equal keys the one of the first (newest)
// token is seen. Tombstones are part of it.
// Shape   Rows are read in pages, token by token: the first of `first_page` rows, further ones of
//         1,000. There is no snapshot: what is written meanwhile may be seen or not, and whoever
//         reads must check afterwards that the branch still has all tokens.
// Errors  corrupted.
class Iterator {
public:
    // `tokens`: newest first. `first_page`: 1..1,000.
    Iterator(kv::Store& store, std::vector<std::string> tokens, int first_page = 1000);
    ~Iterator();
    // To the first record at or after `key`; false at the end. Keys already read are found without
    // reading again; `key` may lie anywhere.
    Task<bool> seek(std::string key);
    // To the next record already read; false when a page must be fetched: then `fetch`.
    bool step();
    // Reads what is missing and goes to the next record; false at the end.
    Task<bool> fetch();
    const StagedRecord& record() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

// Removes what dropped tokens hold: records them under `cleanup-tokens`, then drops their
// partitions and the record. Any server may do the second half.
// Threads   Any.
// Lifetime  Tasks begun by `start` are waited for by `stop` and by the destructor; the workers must
//           outlive them.
class Cleaner {
public:
    explicit Cleaner(kv::Store& store);
    ~Cleaner();
    // Writes `cleanup-tokens/<token>` for each, before it returns.
    Task<void> record(std::vector<std::string> tokens);
    // Drops every recorded token's partition, then its record. Bounded by what is recorded.
    Task<void> clean();
    // Runs `clean` on a worker and does not wait for it. At most one runs; a start in the meantime
    // makes it look once more.
    void start(Workers& workers);
    // Waits, blocking, for what `start` began, and lets nothing begin any more.
    void stop();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tarn::staging
