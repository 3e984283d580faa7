#include "base/testing/golden.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace tarn {

std::filesystem::path golden_dir(const std::filesystem::path& source_dir) {
    const char* set = std::getenv("TARN_GOLDEN_DIR");
    if (set != nullptr) return set;
    return source_dir / ".." / "shared" / "golden";
}

std::optional<std::string> read_golden(const std::filesystem::path& source_dir,
                                       const std::string& name) {
    std::ifstream file(golden_dir(source_dir) / name, std::ios::binary);
    if (!file) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace tarn
