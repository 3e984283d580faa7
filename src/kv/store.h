#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/task.h"
#include "kv/step.h"

namespace tarn::kv {

// The home of all mutable state: branch heads, staged entries, commits, users, policies.
//
// Shape     A value is found by partition and key; keys are ordered bytewise within their
// partition. Threads   Any thread may call any method; the caller resumes on the context it awaited
// from. Lifetime  Arguments are copied before the first suspension. Errors    invalid_argument: an
// empty partition or key. unavailable: the database did not answer in
//           time; whether a write happened is then unknown. exhausted: too much is queued already.
// Source    docs/formats/kv.md; every driver passes testing/store_contract.h.
class Store {
public:
    virtual ~Store() = default;

    // Takes the steps in order: each is durable, and visible to every server, before the next
    // begins. Calls are unordered among themselves. One result per step.
    virtual Task<std::vector<Result>> run(std::span<const Step> steps) = 0;

    // Up to `limit` (1..1000) pairs of `partition` in key order, from `from` on, inclusive.
    virtual Task<std::vector<Pair>> scan(std::string_view partition, std::string_view from,
                                         int limit) = 0;

    // Removes a partition, in chunks and without a snapshot: what is written meanwhile may stay.
    virtual Task<void> drop(std::string_view partition) = 0;

    // Up to `limit` names of partitions that hold anything, in byte order, after `after`.
    virtual Task<std::vector<std::string>> partitions(std::string_view after, int limit) = 0;
};

// The value under `key`, or nothing.
Task<std::optional<std::string>> find(Store& store, Key key);

// Writes `value`, whatever is there.
Task<void> put(Store& store, Key key, std::string value);

// Removes the key; nothing happens when it is absent.
Task<void> remove(Store& store, Key key);

// Writes `value` only while the key is in the expected state (absent, present, or equal to given
// bytes). False when it is not; nothing is written then.
Task<bool> put_if(Store& store, Key key, std::string value, Expected expected);

// Writes `value` under `key`, makes it durable and visible, and only then reads `watched`.
Task<std::optional<std::string>> put_then_find(Store& store, Key key, std::string value,
                                               Key watched);

}  // namespace tarn::kv
