#include "block/local/local_store.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "base/testing/await.h"
#include "base/testing/temporary_folder.h"
#include "block/testing/store_contract.h"

namespace tarn::block {
namespace {

namespace fs = std::filesystem;

LocalOptions under(const std::string& root) {
    LocalOptions options;
    options.root = root;
    options.free_bytes_min = 0;
    return options;
}

class OpenedLocalStore final : public OpenedStore {
public:
    Store& store() override { return store_; }
    std::string storage_namespace() const override { return "local://lake/of-tests"; }

private:
    const TemporaryFolder folder_;
    Workers workers_{2};
    LocalStore store_{under(folder_.path()), workers_};
};

INSTANTIATE_TEST_SUITE_P(Local, StoreContract, ::testing::Values(OpenStore([] {
                             return std::make_unique<OpenedLocalStore>();
                         })));

class LocalStoreTest : public ::testing::Test {
protected:
    const TemporaryFolder folder_;
    const TemporaryFolder outside_;
    Workers workers_{2};
    std::unique_ptr<LocalStore> store_ = open();

    std::unique_ptr<LocalStore> open() {
        LocalOptions options = under(folder_.path());
        options.allowed_external_prefixes = {outside() + "/allowed/"};
        return std::make_unique<LocalStore>(options, workers_);
    }
    std::string outside() const { return outside_.path(); }
    std::string root() const { return fs::canonical(folder_.path()).string(); }

    void put(const Address& address, std::string bytes, bool fresh = true) {
        const auto body = source_of(std::move(bytes));
        await(store_->put(address, *body, fresh));
    }
    std::string get(const Address& address) {
        std::optional<Opened> opened = await(store_->open(address, std::nullopt));
        if (!opened) return "(absent)";
        const auto source = as_source(std::move(opened->body));
        return await(read_all(*source, 1 << 20));
    }
    std::string read_file(const std::string& path) const {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    void write_file(const std::string& path, const std::string& bytes) const {
        fs::create_directories(fs::path(path).parent_path());
        std::ofstream(path, std::ios::binary) << bytes;
    }
    template <class F>
    std::string refusal(F call) {
        try {
            call();
        } catch (const Error& error) {
            return std::string(name(error.code())) + ": " + error.message();
        }
        return "none";
    }
};

TEST_F(LocalStoreTest, LaysObjectsOutAsLakefsDoes) {
    put({"local://lake/sub", "data/p/x"}, "bytes");

    EXPECT_EQ(read_file(root() + "/lake/sub/data/p/x"), "bytes");
    EXPECT_EQ(store_->show({"local://lake/sub", "data/p/x"}),
              "local://" + root() + "/lake/sub/data/p/x");
    EXPECT_EQ(store_->show({"", "local:///not/allowed/x"}), "local://" + root() + "/not/allowed/x");
}

TEST_F(LocalStoreTest, KeepsPartsWhereLakefsLooksForThem) {
    const Address address{"local://lake", "data/p/x"};
    const std::string upload = await(store_->begin_upload(address));
    const auto body = source_of("part");

    await(store_->put_part(address, upload, 7, *body));

    EXPECT_EQ(upload.size(), 32U);
    EXPECT_EQ(read_file(root() + "/lake/" + upload + "-00007"), "part");
}

TEST_F(LocalStoreTest, JoinsPartsThatLakefsWrote) {
    const std::string upload(32, 'a');
    write_file(root() + "/lake/" + upload + "-00001", "one");
    const Address address{"local://lake", "data/p/x"};
    const PartPage page = await(store_->list_parts(address, upload, 0, 10));
    ASSERT_EQ(page.parts.size(), 1U);

    await(store_->complete_upload(address, upload, page.parts));

    EXPECT_EQ(get(address), "one");
    EXPECT_FALSE(fs::exists(root() + "/lake/" + upload + "-00001"));
}

TEST_F(LocalStoreTest, RefusesKeysThatNoFileCanHave) {
    const auto why = [&](std::string key) {
        const Address address{"local://lake", std::move(key)};
        return refusal([&] { put(address, "x"); });
    };

    EXPECT_THAT(why("../x"), ::testing::HasSubstr("invalid_argument: "));
    EXPECT_THAT(why("a/../x"), ::testing::HasSubstr("'.' or '..' component"));
    EXPECT_THAT(why("a/./x"), ::testing::HasSubstr("'.' or '..' component"));
    EXPECT_THAT(why("a//x"), ::testing::HasSubstr("empty component"));
    EXPECT_THAT(why("/x"), ::testing::HasSubstr("empty component"));
    EXPECT_THAT(why("a/"), ::testing::HasSubstr("ends with a slash"));
    EXPECT_THAT(why(std::string("a\0b", 3)), ::testing::HasSubstr("NUL byte"));
    EXPECT_THAT(why(std::string(256, 'a')), ::testing::HasSubstr("255 bytes"));
    EXPECT_EQ(why(std::string(255, 'a')), "none");
}

TEST_F(LocalStoreTest, RefusesKeysThatAreFoldersOrBelowObjects) {
    put({"local://lake", "folder/x"}, "x");

    for (const bool fresh : {true, false}) {
        EXPECT_NE(refusal([&] { put({"local://lake", "folder"}, "x", fresh); }), "none");
        EXPECT_THAT(refusal([&] { put({"local://lake", "folder/x/y"}, "x", fresh); }),
                    ::testing::HasSubstr("invalid_argument"));
    }
    EXPECT_EQ(get({"local://lake", "folder"}), "(absent)");
    EXPECT_EQ(get({"local://lake", "folder/x/y"}), "(absent)");
    EXPECT_EQ(get({"local://lake", "folder/x"}), "x");
}

TEST_F(LocalStoreTest, FollowsNoSymbolicLink) {
    write_file(outside() + "/secret", "secret");
    fs::create_directories(root() + "/lake");
    fs::create_symlink(outside() + "/secret", root() + "/lake/file");
    fs::create_directory_symlink(outside(), root() + "/lake/folder");

    EXPECT_THAT(refusal([&] { get({"local://lake", "file"}); }),
                ::testing::HasSubstr("invalid_argument"));
    EXPECT_THAT(refusal([&] { get({"local://lake", "folder/secret"}); }),
                ::testing::HasSubstr("invalid_argument"));
    EXPECT_THAT(refusal([&] { put({"local://lake", "folder/new"}, "x"); }),
                ::testing::HasSubstr("invalid_argument"));
    EXPECT_FALSE(fs::exists(outside() + "/new"));
    EXPECT_TRUE(await(store_->list("local://lake", "", "", 10)).objects.empty());
}

TEST_F(LocalStoreTest, ReadsAbsoluteAddressesUnderTheRootAndAllowedFoldersOnly) {
    put({"local://lake", "data/p/x"}, "inside");
    write_file(outside() + "/allowed/a b", "allowed");
    write_file(outside() + "/allowed-not", "secret");

    EXPECT_EQ(get({"", "local://" + root() + "/lake/data/p/x"}), "inside");
    EXPECT_EQ(get({"", "local://" + outside() + "/allowed/a%20b"}), "allowed");
    for (const std::string& address :
         {"local://" + outside() + "/allowed-not", std::string("local:///etc/passwd"),
          "local://" + outside() + "/allowed/../allowed-not", std::string("local://lake/data/p/x"),
          root() + "/lake/data/p/x"}) {
        EXPECT_THAT(refusal([&] { get({"", address}); }), ::testing::HasSubstr("invalid_argument"))
            << address;
    }
    EXPECT_THAT(refusal([&] { put({"", "local://" + outside() + "/allowed/n"}, "x"); }),
                ::testing::HasSubstr("only reads it"));
}

TEST_F(LocalStoreTest, ListsAnAbsoluteFolderWithDigests) {
    write_file(outside() + "/allowed/in/x", "x");

    const ListPage page = await(store_->list("local://" + outside() + "/allowed", "in/", "", 10));

    ASSERT_EQ(page.objects.size(), 1U);
    EXPECT_EQ(page.objects[0].key, "in/x");
    EXPECT_EQ(page.objects[0].etag, "9dd4e461268c8034f5c8564e155c67a6");
}

TEST_F(LocalStoreTest, ListsFoldersThatAreLargerThanAPage) {
    std::vector<std::string> expected;
    for (int i = 100; i < 160; ++i) {
        const std::string name = "in/" + std::to_string(i);
        if (i % 3 == 0) {
            expected.push_back(name + "/x");
            put({"local://lake", expected.back()}, "x");
        } else if (i % 3 == 1) {
            fs::create_directories(root() + "/lake/" + name + "/empty");
        } else {
            expected.push_back(name);
            put({"local://lake", name}, "x");
        }
    }

    std::vector<std::string> listed;
    ListPage page{{}, true};
    while (page.more) {
        const std::string after = listed.empty() ? "" : listed.back();
        page = await(store_->list("local://lake", "in/", after, 3));
        for (const Listed& object : page.objects) listed.push_back(object.key);
        ASSERT_LE(page.objects.size(), 3u);
    }

    EXPECT_EQ(listed, expected);
}

TEST_F(LocalStoreTest, ReservesTheFolderOfUnfinishedFiles) {
    EXPECT_THAT(refusal([&] { put({"local://.tarn", "tmp/x"}, "x"); }),
                ::testing::HasSubstr("reserved"));
    EXPECT_THAT(refusal([&] { get({"", "local://" + root() + "/.tarn/tmp/x"}); }),
                ::testing::HasSubstr("reserved"));
}

TEST_F(LocalStoreTest, ForgetsOldFilesThatWereNeverFinishedAndNoOthers) {
    write_file(root() + "/.tarn/tmp/leftover", "half");
    fs::last_write_time(root() + "/.tarn/tmp/leftover",
                        fs::file_time_type::clock::now() - std::chrono::hours(25));
    write_file(root() + "/.tarn/tmp/of-another-server", "half");

    store_ = open();

    EXPECT_FALSE(fs::exists(root() + "/.tarn/tmp/leftover"));
    EXPECT_TRUE(fs::exists(root() + "/.tarn/tmp/of-another-server"));
}

TEST_F(LocalStoreTest, LeavesNothingBehind) {
    put({"local://lake", "_lakefs/x"}, "small", false);
    put({"local://lake", "_lakefs/y"}, pattern(3'000'000, 1), false);
    await(store_->copy({"local://lake", "_lakefs/y"}, {"local://lake", "data/p/copy"}));

    EXPECT_TRUE(fs::is_empty(root() + "/.tarn/tmp"));
}

TEST_F(LocalStoreTest, RefusesABodyForWhichThereIsNoSpace) {
    LocalOptions options = under(folder_.path());
    options.free_bytes_min = std::uint64_t{1} << 60;
    LocalStore full(options, workers_);
    const auto body = source_of("bytes");

    const auto put_it = [&] { await(full.put({"local://lake", "data/p/x"}, *body, true)); };

    EXPECT_EQ(refusal(put_it), "exhausted: the disk of the local store is full");
    EXPECT_FALSE(fs::exists(root() + "/lake/data/p/x"));
}

TEST_F(LocalStoreTest, RefusesAFreshNameThatIsTaken) {
    put({"local://lake", "data/p/x"}, "first");

    EXPECT_THAT(refusal([&] { put({"local://lake", "data/p/x"}, "second"); }),
                ::testing::HasSubstr("already_exists"));

    EXPECT_EQ(get({"local://lake", "data/p/x"}), "first");
}

TEST_F(LocalStoreTest, RefusesARootThatDoesNotExist) {
    EXPECT_THROW(LocalStore(under(folder_.path() / "absent"), workers_), Error);
}

}  // namespace
}  // namespace tarn::block
