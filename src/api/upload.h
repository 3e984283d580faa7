#pragma once

#include <optional>
#include <string>

#include "api/call.h"
#include "base/digest.h"
#include "base/stream.h"
#include "base/workers.h"
#include "catalog/entry.h"
#include "refs/model.h"

namespace tarn::api {

// A body that is digested while it passes. Pieces above 64 KiB are digested on a worker.
class DigestedSource final : public ByteSource {
public:
    DigestedSource(ByteSource& inner, Workers& workers) : inner_(inner), workers_(workers) {}
    Task<Slice> next() override;
    std::optional<std::uint64_t> size() const override { return inner_.size(); }

    // After the end: hexadecimal MD5, and the number of bytes.
    std::string etag() { return etag_; }
    std::int64_t count() const { return count_; }

private:
    ByteSource& inner_;
    Workers& workers_;
    Md5 digest_;
    std::string etag_;
    std::int64_t count_ = 0;
};

// Stores a body under a new address of the repository: an entry without content type or metadata.
Task<catalog::Entry> store_body(Call& call, refs::Repository repository, ByteSource& body);

}  // namespace tarn::api
