#pragma once

#include <string>
#include <string_view>

#include "catalog/catalog.h"

namespace tarn::gc {

// Where a file of garbage collection lies in its repository's namespace.
inline block::Address file_at(catalog::Catalog& catalog, const refs::Repository& repository,
                              std::string_view name) {
    std::string key = catalog.stores().trees.address_of("retention/gc/");
    key += name;
    return {repository.storage_namespace, std::move(key)};
}

// The URI of a folder among them, as readers expect it of their store.
inline std::string folder_at(catalog::Catalog& catalog, const refs::Repository& repository,
                             std::string_view name) {
    std::string uri = catalog.blocks().show(file_at(catalog, repository, name));
    if (catalog.blocks().properties().type != "local") uri += '/';
    return uri;
}

}  // namespace tarn::gc
