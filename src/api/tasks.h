#pragma once

#include <string>

#include "api/call.h"
#include "base/error.h"
#include "catalog/tasks.h"

namespace tarn::api {

// How failures of work in the background are told, in its record: as its request would have been
// answered.
catalog::TaskFailure describe_failure(const Error& error);

// The task of a path and query. Errors  404.
Task<catalog::TaskStatus> task_of(Call& call, std::string repository, catalog::TaskKind kind,
                                  std::string id);

}  // namespace tarn::api
