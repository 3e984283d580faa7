#pragma once

#include "api/call.h"
#include "refs/model.h"

namespace tarn::api {

// Fills a new repository with a few small tables, commits them and protects the default branch.
Task<void> add_sample_data(Call& call, refs::Repository repository);

}  // namespace tarn::api
