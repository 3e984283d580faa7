#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/testing/golden_vectors.h"
#include "catalog/testing/opened_catalog.h"

namespace tarn::catalog {
namespace {

Upload upload_of(std::string id) {
    Upload upload;
    upload.id = std::move(id);
    upload.path = "a";
    upload.place = "lake/main";
    upload.created = from_unix_seconds(1'700'000'000);
    upload.address = "data/p/x";
    upload.metadata = {{"X-Amz-Meta-colour", "red"}};
    upload.content_type = "text/plain";
    return upload;
}

TEST(Uploads, AreFoundUntilTheyAreRemoved) {
    OpenedCatalog opened;
    Catalog& catalog = opened.catalog;
    await(catalog.add_upload(upload_of("one")));

    const std::optional<Upload> found = await(catalog.find_upload("one"));
    await(catalog.remove_upload("one"));

    ASSERT_TRUE(found);
    EXPECT_EQ(found->path, "a");
    EXPECT_EQ(found->place, "lake/main");
    EXPECT_EQ(found->created, from_unix_seconds(1'700'000'000));
    EXPECT_EQ(found->address, "data/p/x");
    EXPECT_EQ(found->metadata, upload_of("").metadata);
    EXPECT_EQ(found->content_type, "text/plain");
    EXPECT_FALSE(await(catalog.find_upload("one")));
    EXPECT_FALSE(await(catalog.find_upload("")));
}

TEST(Uploads, AreListedInPages) {
    OpenedCatalog opened;
    for (const char* id : {"c", "a", "b"}) await(opened.catalog.add_upload(upload_of(id)));

    const auto first = await(opened.catalog.list_uploads("", 2));
    const auto second = await(opened.catalog.list_uploads("b", 2));

    ASSERT_EQ(first.size(), 2U);
    EXPECT_EQ(first[0].id, "a");
    EXPECT_EQ(first[1].id, "b");
    ASSERT_EQ(second.size(), 1U);
    EXPECT_EQ(second[0].id, "c");
}

TEST(Uploads, AreAddedOnce) {
    OpenedCatalog opened;
    await(opened.catalog.add_upload(upload_of("one")));

    EXPECT_THROW(await(opened.catalog.add_upload(upload_of("one"))), Error);
}

TEST(Uploads, RefusePathsThatNoReaderWouldTakeBack) {
    OpenedCatalog opened;
    Upload upload = upload_of("one");
    upload.path = "\xff";

    EXPECT_THROW(await(opened.catalog.add_upload(upload)), Error);
}

TEST(Uploads, AreReadAndWrittenAsByALakefs) {
    const auto vectors = find_vectors(TARN_SOURCE_DIR);
    if (!vectors) GTEST_SKIP() << "no golden data";
    int compared = 0;
    for (const auto& value : vectors->at("kv_values").as_object().at("list").as_array()) {
        const auto& row = value.as_object();
        if (row.at("message").as_string() != "UploadData") continue;
        OpenedCatalog opened;
        const kv::Key key{"multiparts", std::string(row.at("key").as_string())};
        const std::string bytes = *from_hex(row.at("value_hex").as_string());
        await(kv::put(opened.kv, key, bytes));

        const std::optional<Upload> upload = await(opened.catalog.find_upload(key.name));
        await(opened.catalog.remove_upload(key.name));
        await(opened.catalog.add_upload(*upload));

        const auto& fields = row.at("fields").as_object();
        EXPECT_EQ(upload->id, key.name);
        EXPECT_EQ(upload->path, std::string(fields.at("path").as_string()));
        EXPECT_EQ(upload->address, std::string(fields.at("physical_address").as_string()));
        EXPECT_EQ(to_hex(*await(kv::find(opened.kv, key))), to_hex(bytes));
        ++compared;
    }
    EXPECT_GT(compared, 0);
}

}  // namespace
}  // namespace tarn::catalog
