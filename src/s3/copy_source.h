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

// An absence in the object store as what it is here: the entry is there, its bytes are not.
// Errors  gone (detail "no_such_object") instead of not_found; others as they are.
[[noreturn]] void throw_missing_bytes(const Error& error);

}  // namespace tarn::s3
