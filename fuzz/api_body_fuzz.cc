// JSON bodies of the REST interface, through the decoders of the larger schemas.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "api/form.h"
#include "api/wire/branches.h"
#include "api/wire/experimental.h"
#include "api/wire/import.h"
#include "api/wire/internal.h"
#include "api/wire/repositories.h"
#include "api/wire/staging.h"

namespace {

template <class T>
void read(std::string_view bytes) {
    T value;
    const auto reason =
        tarn::api::decode_json(bytes, "#/components/schemas/Body",
                               [&](const tarn::api::Node& node) { decode(node, value); });
    if (reason) return;
    std::string text;
    append(text, value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    namespace wire = tarn::api::wire;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    read<wire::RepositoryCreation>(bytes);
    read<wire::CommitCreation>(bytes);
    read<wire::ImportCreation>(bytes);
    read<wire::StagingMetadata>(bytes);
    read<wire::UploadPartCopyFrom>(bytes);
    read<wire::StatsEventsList>(bytes);
    tarn::api::read_media_type(bytes);
    return 0;
}
