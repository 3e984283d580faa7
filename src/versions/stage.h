#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "committed/value.h"
#include "versions/stores.h"

namespace tarn::versions {

using committed::Value;

struct WriteOptions {
    bool force = false;  // in a read-only repository too
};

// Refuses a write that branch protection or a read-only repository forbids, before a body is read.
// Errors  not_found: the branch does not exist.
Task<void> require_writable(Stores& stores, refs::Repository repository, std::string branch,
                            WriteOptions options);

// Stages a value. Durable, and seen by every later reader and commit, before it returns.
// Errors  exhausted (detail "too_many_tries"): the branch kept moving.
Task<void> put(Stores& stores, refs::Repository repository, std::string branch, std::string key,
               Value value, WriteOptions options);

// Reads the current value, staged or committed, and writes what `change` makes of it, only while it
// is still current. `change` returns nothing to refuse; then nothing is written and false is
// returned; a value without identity removes the key. It may be called several times.
using ChangeValue = std::function<std::optional<Value>(const std::optional<Value>& current)>;
Task<bool> update(Stores& stores, refs::Repository repository, std::string branch, std::string key,
                  ChangeValue change, WriteOptions options);

// Removes a key; nothing happens when it is absent.
Task<void> remove(Stores& stores, refs::Repository repository, std::string branch, std::string key,
                  WriteOptions options);
// Removes up to 1,000 keys under one check of the branch.
Task<void> remove_many(Stores& stores, refs::Repository repository, std::string branch,
                       std::vector<std::string> keys, WriteOptions options);

}  // namespace tarn::versions
