#pragma once

#include <memory>

#include "base/workers.h"
#include "kv/store.h"
#include "server/options.h"

namespace tarn::server {

// The key-value store that the configuration names, opened. Blocks.
// Lifetime  `workers` outlive it. Errors  As the drivers' constructors.
std::unique_ptr<kv::Store> open_kv_store(const Options& options, Workers& workers);

}  // namespace tarn::server
