#include "versions/testing/house.h"

#include "base/bytes.h"
#include "base/digest.h"
#include "base/testing/await.h"

namespace tarn::versions {

House::House(kv::Store& store, Fittings fittings)
    : blocks(fittings.blocks != nullptr ? *fittings.blocks : own_blocks),
      trees(blocks, workers, std::move(fittings.trees)),
      refs(store, clock),
      cleaner(store),
      stores{store, refs,    trees, cleaner,
             hints, workers, clock, fittings.observer != nullptr ? *fittings.observer : silent} {}

refs::Repository House::create_repository(const std::string& id) {
    refs::Repository repository;
    repository.id = id;
    repository.storage_namespace = "mem://" + id;
    repository.default_branch = "main";
    return await(refs.create_repository(repository, false));
}

committed::TreesOptions small_ranges() {
    committed::TreesOptions options;
    options.min_range_size_bytes = 0;
    options.max_range_size_bytes = 2'000;
    options.range_raggedness_entries = 5;
    options.memory_cache_bytes = 4 * 1024 * 1024;
    return options;
}

committed::Value value_of(const std::string& content) {
    return {std::string(as_view(sha256(content))), content};
}

}  // namespace tarn::versions
