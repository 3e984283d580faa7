#include "base/log.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace tarn::log {
namespace {

class Log : public ::testing::Test {
protected:
    Log() {
        std::string name = ::testing::TempDir() + "tarn-log-XXXXXX";
        folder = mkdtemp(name.data());
    }
    ~Log() override {
        configure({});
        std::filesystem::remove_all(folder);
    }

    std::string written() const {
        std::ifstream file(folder / "log");
        return {std::istreambuf_iterator<char>(file), {}};
    }

    std::filesystem::path folder;
};

TEST_F(Log, LeavesOutWhatIsBelowItsLevel) {
    configure({Level::warning, false, folder / "log"});
    info("quiet");
    warning("loud {}", 1);

    EXPECT_FALSE(enabled(Level::info));
    EXPECT_TRUE(written().ends_with(" warning loud 1\n")) << written();
}

TEST_F(Log, KeepsAMessageOnOneLine) {
    configure({Level::info, false, folder / "log"});
    info("a\nb");

    EXPECT_TRUE(written().ends_with(" info a\\u000ab\n")) << written();
}

TEST_F(Log, QuotesMessagesInJson) {
    configure({Level::info, true, folder / "log"});
    info("a \"b\" \\ \t");

    EXPECT_TRUE(written().ends_with(R"("level":"info","msg":"a \"b\" \\ \u0009"})"
                                    "\n"))
        << written();
}

}  // namespace
}  // namespace tarn::log
