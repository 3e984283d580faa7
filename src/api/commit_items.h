#pragma once

#include "api/wire/common.h"
#include "refs/model.h"

namespace tarn::api {

wire::Commit to_wire(const refs::Commit& commit);

}  // namespace tarn::api
