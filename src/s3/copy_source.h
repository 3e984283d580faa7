#pragma once

#include <expected>

#include "s3/call.h"

namespace tarn::s3 {

// What x-amz-copy-source names, found, and allowed by the request's conditions on it.
struct FoundSource {
    refs::Repository repository;
    ObjectKey key;
    catalog::Entry entry;
};

Task<std::expected<FoundSource, Failure>> find_copy_source(const Call& call);

}  // namespace tarn::s3
