#include <fmt/format.h>

#include "base/error.h"
#include "base/ids.h"
#include "staging/records.pb.h"
#include "staging/staging.h"

namespace tarn::staging {

std::string encode(std::string_view key, const Staged& staged) {
    records::StagedEntry record;
    record.set_key(key.data(), key.size());
    record.set_identity(staged.identity);
    record.set_data(staged.data);
    return record.SerializeAsString();
}

Staged decode(std::string_view bytes) {
    records::StagedEntry record;
    if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        throw Error(Code::corrupted, "a staged entry cannot be read");
    }
    return {std::move(*record.mutable_identity()), std::move(*record.mutable_data())};
}

std::string new_token(std::string_view repository, std::string_view branch) {
    return fmt::format("{}-{}:{}", repository, branch, new_uuid());
}

}  // namespace tarn::staging
