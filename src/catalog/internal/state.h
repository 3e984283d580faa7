#pragma once

#include <utility>

#include "catalog/addresses.h"
#include "catalog/catalog.h"
#include "catalog/imports.h"
#include "catalog/tasks.h"

namespace tarn::catalog {

struct Catalog::State {
    State(versions::Stores& stores_given, block::Store& blocks_given, CatalogOptions options_given)
        : stores(stores_given),
          blocks(blocks_given),
          options(std::move(options_given)),
          addresses(stores.clock),
          background(stores.workers, options.background_jobs_max),
          tasks(stores, background),
          imports(stores, blocks, background) {}

    versions::Stores& stores;
    block::Store& blocks;
    const CatalogOptions options;
    AddressMaker addresses;
    Background background;
    Tasks tasks;
    Imports imports;
};

}  // namespace tarn::catalog
