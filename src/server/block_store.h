#pragma once

#include <memory>

#include "base/clock.h"
#include "base/workers.h"
#include "block/store.h"
#include "server/options.h"

namespace tarn::server {

// The options of the S3 driver, credentials that the configuration names included.
block::S3Options s3_store_options(const Settings& settings);

// The object store that the configuration names, opened. Blocks.
// Lifetime  `workers` and `clock` outlive it. Errors  As the drivers' constructors.
std::unique_ptr<block::Store> open_block_store(const Options& options, Workers& workers,
                                               const Clock& clock);

}  // namespace tarn::server
