#include "server/data_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "base/error.h"

namespace tarn::server {
namespace {

class DataFolders : public ::testing::Test {
protected:
    ~DataFolders() override { std::filesystem::remove_all(path); }
    const std::filesystem::path path = std::filesystem::path(::testing::TempDir()) /
                                       ("tarn-data-folder-" + std::to_string(::getpid()));
};

TEST_F(DataFolders, RefuseASecondHolderAndNameTheFirst) {
    const DataFolder first(path);

    try {
        const DataFolder second(path);
        FAIL() << "two hold one folder";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::already_exists);
        EXPECT_EQ(error.message(), path.string() + " is in use by another server, process " +
                                       std::to_string(::getpid()));
    }
}

TEST_F(DataFolders, AreFreeAgainWhenTheirHolderIsGone) {
    {
        const DataFolder first(path);
    }

    EXPECT_NO_THROW(DataFolder{path});
}

TEST_F(DataFolders, KeepTheirSecretPrivateAndUnchanged) {
    std::string made;
    {
        const DataFolder folder(path);
        made = folder.secret().reveal();
    }
    const DataFolder again(path);
    struct stat facts{};
    ASSERT_EQ(::stat((path / "secret").c_str(), &facts), 0);

    EXPECT_EQ(made.size(), 64U);
    EXPECT_EQ(again.secret().reveal(), made);
    EXPECT_EQ(facts.st_mode & 0777, 0600U);
}

TEST_F(DataFolders, RefuseADamagedSecret) {
    const DataFolder folder(path);
    std::ofstream(path / "secret") << "short";

    EXPECT_THROW(folder.secret(), Error);
}

}  // namespace
}  // namespace tarn::server
