#pragma once

#include <memory>
#include <string>

#include "api/api.h"
#include "api/heavy.h"
#include "api/usage.h"
#include "auth/auth.h"
#include "catalog/catalog.h"
#include "refs/protection.h"

namespace tarn::api {

// What the handlers work with.
struct House {
    catalog::Catalog& catalog;
    refs::Protection& protection;
    auth::Auth& auth;
    const ApiOptions& options;
    HeavyJobs& heavy;
    Usage& usage;

    versions::Stores& stores() { return catalog.stores(); }
    refs::Refs& refs() { return catalog.stores().refs; }
    block::Store& blocks() { return catalog.blocks(); }
};

}  // namespace tarn::api
