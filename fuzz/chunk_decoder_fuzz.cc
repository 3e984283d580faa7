#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "signature/chunk_decoder.h"

// The first byte chooses the form and how the input is cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size == 0) return 0;
    const std::uint8_t choice = bytes[0];
    std::string_view wire(reinterpret_cast<const char*>(bytes) + 1, size - 1);
    tarn::signature::ChunkDecoder decoder(
        {(choice & 1) != 0, (choice & 2) != 0, static_cast<std::uint64_t>(choice)});
    const std::size_t step = 1 + (choice >> 4);
    std::uint64_t decoded = 0;
    try {
        while (!wire.empty()) {
            auto input = wire.substr(0, step);
            wire.remove_prefix(input.size());
            while (!input.empty()) {
                if (decoder.next(input) == tarn::signature::ChunkDecoder::Event::data) {
                    decoded += decoder.data().size();
                }
            }
        }
        decoder.finish();
        CHECK(decoded == choice, "a body that is accepted has its declared length");
    } catch (const tarn::Error& error) {
        CHECK(error.code() == tarn::Code::invalid_argument, "only the sender is to blame");
    }
    return 0;
}
