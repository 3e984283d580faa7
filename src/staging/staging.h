#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/task.h"
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
// token is seen. Reads pages of 1,000 rows ahead of its reader, token by token.
class Iterator {
public:
    // `tokens`: newest first.
    Iterator(kv::Store& store, std::vector<std::string> tokens);
    ~Iterator();
    // To the first record at or after `key`; false at the end.
    Task<bool> seek(std::string key);
    // To the next record already read; false when a page must be fetched: then `fetch`.
    bool step();
    Task<bool> fetch();
    const StagedRecord& record() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

// Removes what dropped tokens hold: records them under `cleanup-tokens`, then drops their
// partitions and the record. Any server may do the second half.
class Cleaner {
public:
    explicit Cleaner(kv::Store& store);
    ~Cleaner();
    // Writes `cleanup-tokens/<token>` for each, before it returns.
    Task<void> record(std::vector<std::string> tokens);
    // Drops every recorded token's partition, then its record. Bounded by what is recorded.
    Task<void> clean();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tarn::staging
