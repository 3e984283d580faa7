#include "base/log.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/testing/temporary_folder.h"

namespace tarn::log {
namespace {

class Log : public ::testing::Test {
protected:
    ~Log() override { configure({}); }

    std::string written() const {
        std::ifstream file(folder_.path() / "log");
        return {std::istreambuf_iterator<char>(file), {}};
    }

    const TemporaryFolder folder_;
};

TEST_F(Log, LeavesOutWhatIsBelowItsLevel) {
    configure({Level::warning, false, folder_.path() / "log"});
    info("quiet");
    warning("loud {}", 1);

    EXPECT_FALSE(enabled(Level::info));
    EXPECT_TRUE(written().ends_with(" warning loud 1\n")) << written();
}

TEST_F(Log, KeepsAMessageOnOneLine) {
    configure({Level::info, false, folder_.path() / "log"});
    info("a\nb");

    EXPECT_TRUE(written().ends_with(" info a\\u000ab\n")) << written();
}

TEST_F(Log, QuotesMessagesInJson) {
    configure({Level::info, true, folder_.path() / "log"});
    info("a \"b\" \\ \t");

    EXPECT_TRUE(written().ends_with(R"("level":"info","msg":"a \"b\" \\ \u0009"})"
                                    "\n"))
        << written();
}

}  // namespace
}  // namespace tarn::log
