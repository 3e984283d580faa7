#include <gtest/gtest.h>
#include <stdlib.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "base/testing/temporary_folder.h"
#include "sstable/writer.h"

namespace tarn::sstable {
namespace {

namespace fs = std::filesystem;

// What a command prints; its exit status goes to `status`.
std::string output_of(const std::string& command, int& status) {
    FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    std::string output;
    std::array<char, 4'096> buffer;
    while (pipe != nullptr && std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) {
        output += buffer.data();
    }
    status = pipe == nullptr ? -1 : ::pclose(pipe);
    return output;
}

// RocksDB's own tool reads what the writer writes.
TEST(Oracle, RocksDbVerifiesOurFiles) {
    int status = 0;
    output_of("command -v sst_dump", status);
    if (status != 0) GTEST_SKIP() << "sst_dump is not installed: run scripts/setup";
    const TemporaryFolder folder;

    for (const int count : {1, 100, 30'000}) {
        Writer writer({{"type", "ranges"}});
        for (int i = 0; i < count; ++i) {
            const std::string key = "key-" + std::to_string(1'000'000 + i);
            writer.add(key, std::string(static_cast<std::size_t>(i % 300), 'v') + key);
        }
        const std::string path = folder.path() / (std::to_string(count) + ".sst");
        std::ofstream(path, std::ios::binary) << writer.finish().bytes;

        const std::string verified = output_of("sst_dump --command=verify --file=" + path, status);
        EXPECT_EQ(status, 0) << verified;
        EXPECT_NE(verified.find("The file is ok"), std::string::npos) << verified;
        const std::string checked = output_of("sst_dump --command=check --file=" + path, status);
        EXPECT_EQ(status, 0) << checked;
        EXPECT_EQ(checked.find("orruption"), std::string::npos) << checked;
    }
}

}  // namespace
}  // namespace tarn::sstable
