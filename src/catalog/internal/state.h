#pragma once

#include <utility>

#include "catalog/addresses.h"
#include "catalog/catalog.h"

namespace tarn::catalog {

struct Catalog::State {
    State(versions::Stores& stores_given, block::Store& blocks_given, CatalogOptions options_given)
        : stores(stores_given),
          blocks(blocks_given),
          options(std::move(options_given)),
          addresses(stores.clock) {}

    versions::Stores& stores;
    block::Store& blocks;
    const CatalogOptions options;
    AddressMaker addresses;
};

}  // namespace tarn::catalog
