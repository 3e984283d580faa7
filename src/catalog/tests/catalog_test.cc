#include "catalog/catalog.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "catalog/testing/opened_catalog.h"

namespace tarn::catalog {
namespace {

class CatalogTest : public ::testing::Test {
protected:
    OpenedCatalog opened_;
    Catalog& catalog_ = opened_.catalog;
    const refs::Repository repository_ = opened_.create_repository("repo");
    const versions::WriteOptions options_;

    Entry put(std::string path, std::string bytes, Metadata metadata = {}) {
        Entry entry;
        entry.size_bytes = static_cast<std::int64_t>(bytes.size());
        const auto body = source_of(std::move(bytes));
        const Uploaded uploaded = await(catalog_.upload(repository_, *body));
        entry.address = uploaded.address;
        entry.modified = uploaded.stat.modified;
        entry.etag = "5eb63bbbe01eeed093cb22bb8f5acdc3";
        entry.content_type = "text/plain";
        entry.metadata = std::move(metadata);
        await(catalog_.put(repository_, "main", std::move(path), entry, nullptr, options_));
        return entry;
    }
    std::optional<Entry> find(std::string path) {
        return await(catalog_.find(repository_, "main", std::move(path)));
    }
    std::string read(const Entry& entry) {
        block::Opened opened = await(catalog_.open(repository_, entry, std::nullopt));
        return std::get<std::string>(opened.body);
    }
    template <class F>
    std::string failure(F call) {
        try {
            call();
            return "none";
        } catch (const Error& error) {
            return std::string(name(error.code())) + " " + error.detail();
        }
    }
};

TEST_F(CatalogTest, FindsWhatWasPutAndItsBytes) {
    const Entry put_entry = put("a/b", "hello world", {{"colour", "red"}});

    const std::optional<Entry> found = find("a/b");

    ASSERT_TRUE(found);
    EXPECT_EQ(*found, put_entry);
    EXPECT_EQ(read(*found), "hello world");
    EXPECT_EQ(find("a"), std::nullopt);
}

TEST_F(CatalogTest, ShowsWhereTheBytesLie) {
    const Entry entry = put("a", "bytes");

    EXPECT_EQ(catalog_.show_address(repository_, entry), "mem://repo/" + entry.address);
}

TEST_F(CatalogTest, ListsEntriesAndCommonPrefixes) {
    put("a/1", "one");
    put("a/2", "two");
    put("b", "three");
    versions::ListQuery query;
    query.delimiter = "/";

    const Listing listing = await(catalog_.list(repository_, "main", query));

    ASSERT_EQ(listing.items.size(), 2U);
    EXPECT_EQ(listing.items[0].path, "a/");
    EXPECT_TRUE(listing.items[0].is_prefix);
    EXPECT_EQ(listing.items[1].path, "b");
    EXPECT_EQ(listing.items[1].entry.size_bytes, 5);
    EXPECT_FALSE(listing.more);
}

TEST_F(CatalogTest, PutsOnlyWhileTheConditionHolds) {
    const EntryCondition absent = [](const std::optional<Entry>& current) { return !current; };
    Entry entry;
    entry.address = "data/p/x";
    entry.etag = "first";

    EXPECT_TRUE(await(catalog_.put(repository_, "main", "a", entry, absent, options_)));
    entry.etag = "second";
    EXPECT_FALSE(await(catalog_.put(repository_, "main", "a", entry, absent, options_)));

    EXPECT_EQ(find("a")->etag, "first");
}

TEST_F(CatalogTest, UpdatesAnEntryInPlace) {
    const Entry before = put("a", "bytes", {{"colour", "red"}});

    const Entry after = await(catalog_.update(
        repository_, "main", "a", [](Entry& entry) { entry.metadata["colour"] = "blue"; },
        options_));

    EXPECT_EQ(after.metadata.at("colour"), "blue");
    EXPECT_EQ(find("a"), after);
    EXPECT_EQ(after.address, before.address);
    const auto update_absent = [&] {
        await(catalog_.update(repository_, "main", "b", [](Entry&) {}, options_));
    };
    EXPECT_EQ(failure(update_absent), "not_found no_such_object");
}

TEST_F(CatalogTest, RemovesEntries) {
    for (const char* path : {"a", "b", "c"}) put(path, "bytes");

    await(catalog_.remove(repository_, "main", "a", options_));
    await(catalog_.remove_many(repository_, "main", {"b", "absent"}, options_));

    EXPECT_EQ(find("a"), std::nullopt);
    EXPECT_EQ(find("b"), std::nullopt);
    EXPECT_TRUE(find("c"));
}

TEST_F(CatalogTest, CopiesBytesToANewAddressAndKeepsTheRest) {
    const Entry source = put("a", "bytes", {{"colour", "red"}});
    opened_.clock.advance(std::chrono::seconds(5));
    Catalog::CopyRequest request{repository_, "main", "a",          repository_, "main",
                                 "b",         {},     std::nullopt, options_};

    const Entry copy = await(catalog_.copy(request));

    EXPECT_NE(copy.address, source.address);
    EXPECT_EQ(read(*find("b")), "bytes");
    EXPECT_EQ(copy.etag, source.etag);
    EXPECT_EQ(copy.metadata, source.metadata);
    EXPECT_EQ(copy.content_type, source.content_type);
    EXPECT_EQ(copy.modified, opened_.clock.now());
    EXPECT_EQ(identity_of(copy), identity_of(source));
}

TEST_F(CatalogTest, ACopyMayReplaceMetadataAndContentType) {
    put("a", "bytes", {{"colour", "red"}});
    Catalog::CopyRequest request{repository_, "main",     "a",        repository_, "main",
                                 "b",         Metadata(), "text/csv", options_};

    const Entry copy = await(catalog_.copy(request));

    EXPECT_EQ(copy.metadata, Metadata());
    EXPECT_EQ(copy.content_type, "text/csv");
    request.from_path = "absent";
    EXPECT_EQ(failure([&] { await(catalog_.copy(request)); }), "not_found no_such_object");
}

TEST_F(CatalogTest, TellsBytesThatAreGoneFromEntriesThatAreNot) {
    const Entry entry = put("a", "bytes");
    await(opened_.blocks.remove(catalog_.address_of(repository_, entry)));

    EXPECT_EQ(failure([&] { read(entry); }), "gone no_such_object");
    Catalog::CopyRequest request{repository_, "main", "a",          repository_, "main",
                                 "b",         {},     std::nullopt, options_};
    EXPECT_EQ(failure([&] { await(catalog_.copy(request)); }), "gone no_such_object");
}

TEST_F(CatalogTest, TakesPathsOf1To1024BytesOfAnyKind) {
    const std::string longest(1024, '\xff');
    put(longest, "bytes");

    EXPECT_TRUE(find(longest));
    EXPECT_EQ(failure([&] { put(longest + "x", "bytes"); }), "invalid_argument bad_path");
    EXPECT_EQ(failure([&] { put("", "bytes"); }), "invalid_argument bad_path");
    EXPECT_EQ(failure([&] { find(""); }), "invalid_argument bad_path");
}

TEST_F(CatalogTest, SignsAddressesForOnePathOfOneBranch) {
    const std::string address = catalog_.new_address();
    const std::string link = catalog_.sign_address(repository_, "main", "a", address);

    EXPECT_NO_THROW(catalog_.verify_signed_address(repository_, "main", "a", link));
    EXPECT_THROW(catalog_.verify_signed_address(repository_, "main", "b", link), Error);
}

}  // namespace
}  // namespace tarn::catalog
