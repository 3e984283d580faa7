#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "committed/trees.h"
#include "staging/staging.h"
#include "versions/stores.h"

namespace tarn::versions {

// What a branch shows: its staged changes over a tree, in key order, without deleted keys. Used
// like committed::Iterator:
//     bool valid = co_await view.seek(from);
//     while (valid) { use(view.record()); valid = view.step(); if (!valid) valid = co_await
//     view.cross(); }
class View {
public:
    // `tokens`: newest first; none for a commit. `first_page`: staged rows read at first.
    View(Stores& stores, committed::Tree tree, std::vector<std::string> tokens, int first_page);
    Task<bool> seek(std::string key);
    bool step();
    Task<bool> cross();
    // Past all keys that begin with `prefix`, which the record does; by seeking, not by scanning.
    Task<bool> skip(std::string prefix);
    committed::RecordView record() const;

private:
    bool settle();
    void leave_committed();
    void leave_staged();

    std::unique_ptr<committed::Iterator> committed_;
    std::optional<staging::Iterator> staged_;
    bool committed_valid_ = false;
    bool staged_valid_ = false;
    bool committed_waits_ = false;  // for `cross`
    bool staged_waits_ = false;     // for `fetch`
    bool shows_staged_ = false;     // which of the two the record is
};

// The values of a tree at keys that ascend.
class Lookup {
public:
    Lookup(Stores& stores, committed::Tree tree);
    // Valid until the next call.
    Task<std::optional<committed::RecordView>> at(std::string key);

private:
    std::unique_ptr<committed::Iterator> records_;
    bool begun_ = false;
    bool valid_ = false;
};

// Whether staged changes make a difference to `tree`: a value of another identity, or a tombstone
// over a committed key.
Task<bool> differs(Stores& stores, std::vector<std::string> tokens, committed::Tree tree);

Task<committed::Tree> tree_of(Stores& stores, const refs::Repository& repository,
                              const std::string& commit_id);

}  // namespace tarn::versions
