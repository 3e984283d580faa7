#pragma once

#include <string>

#include "base/testing/await.h"
#include "block/memory/memory_store.h"
#include "catalog/catalog.h"
#include "kv/memory/memory_store.h"
#include "versions/stores.h"

namespace tarn::catalog {

// A clock that tests set.
class SetClock final : public Clock {
public:
    Time now() const override { return now_; }
    void advance(std::chrono::nanoseconds by) { now_ += by; }

private:
    Time now_ = from_unix_seconds(1'700'000'000) + std::chrono::nanoseconds(123'456'789);
};

// A whole catalog over memory.
class OpenedCatalog {
public:
    SetClock clock;
    Workers workers{2};
    kv::MemoryStore kv;
    block::MemoryStore blocks{clock};
    refs::Refs refs{kv, clock};
    committed::Trees trees{blocks, workers, committed::TreesOptions()};
    staging::Cleaner cleaner{kv};
    versions::Hints hints{clock};
    versions::SilentObserver observer;
    versions::Stores stores{kv, refs, trees, cleaner, hints, workers, clock, observer};
    Catalog catalog{stores, blocks, CatalogOptions()};

    refs::Repository create_repository(std::string id) {
        refs::Repository repository;
        repository.id = id;
        repository.storage_namespace = "mem://" + id;
        repository.default_branch = "main";
        repository.created = clock.now();
        return await(refs.create_repository(std::move(repository), false));
    }
};

}  // namespace tarn::catalog
