#pragma once

#include <string>

#include "base/workers.h"
#include "block/memory/memory_store.h"
#include "refs/testing/manual_clock.h"
#include "versions/stores.h"

namespace tarn::versions {

// What a house may be given instead of its own.
struct Fittings {
    committed::TreesOptions trees;
    Observer* observer = nullptr;
    block::Store* blocks = nullptr;  // shared with another house
};

// Ranges so small that trees have many.
committed::TreesOptions small_ranges();

// Everything that versions work with, as one server has it, over a given key-value store; objects
// are in memory, and the clock stands still until it is moved.
class House {
public:
    explicit House(kv::Store& store, Fittings fittings = {.trees = small_ranges()});

    // A repository with a default branch "main".
    refs::Repository create_repository(const std::string& id);

    refs::ManualClock clock;
    block::MemoryStore own_blocks{clock};
    block::Store& blocks;
    Workers workers{2};
    committed::Trees trees;
    refs::Refs refs;
    staging::Cleaner cleaner;
    Hints hints{clock};
    SilentObserver silent;
    Stores stores;
};

// A value whose identity follows from its content.
committed::Value value_of(const std::string& content);

}  // namespace tarn::versions
