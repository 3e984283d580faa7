#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/testing/golden.h"
#include "sstable/testing/memory_table.h"
#include "sstable/writer.h"

namespace tarn::sstable {
namespace {

namespace json = boost::json;
using testing::MemoryTable;

std::string text(const json::value& value) {
    return json::value_to<std::string>(value);
}

// The properties of a file that belong to its id.
UserProperties hashed_properties(const Table& table) {
    UserProperties properties = table.properties;
    for (const char* added : {"count", "estimated_size_bytes", "min_key", "max_key"}) {
        properties.erase(added);
    }
    return properties;
}

Written rewritten(const std::string& file) {
    const MemoryTable table(file);
    Writer writer(hashed_properties(table.table()));
    for (const auto& [key, value] : table.records()) writer.add(key, value);
    return writer.finish();
}

void expect_same_table(const json::value& table, const Written& written) {
    SCOPED_TRACE(text(table.at("file")));
    EXPECT_EQ(written.id, text(table.at("id")));
    EXPECT_EQ(written.count, table.at("count").to_number<std::int64_t>());
    EXPECT_EQ(written.estimated_size, table.at("estimated_size_bytes").to_number<std::uint64_t>());
    EXPECT_EQ(written.bytes.size(), table.at("file_length").to_number<std::size_t>());
    EXPECT_EQ(to_hex(as_view(sha256(written.bytes))), text(table.at("file_sha256")));
}

TEST(Golden, TablesOfARunningServerAreWrittenAlike) {
    const auto file = read_golden(TARN_SOURCE_DIR, "vectors.json");
    if (!file) GTEST_SKIP() << "no golden data: set TARN_GOLDEN_DIR";
    const json::value golden = json::parse(*file);

    for (const char* group : {"tables", "refs_dump_tables"}) {
        for (const json::value& table : golden.at(group).as_array()) {
            UserProperties properties;
            for (const auto& [name, value] : table.at("hashed_properties").as_object()) {
                properties[name] = text(value);
            }
            Writer writer(properties);
            for (const json::value& record : table.at("records").as_array()) {
                writer.add(from_hex(text(record.at("key_hex"))).value(),
                           from_hex(text(record.at("value_hex"))).value());
            }
            expect_same_table(table, writer.finish());
        }
    }
}

TEST(Golden, FilesOfOlderReleasesAreReadAndWrittenAlike) {
    const auto range = read_golden(TARN_SOURCE_DIR, "range.sst");
    const auto metarange = read_golden(TARN_SOURCE_DIR, "metarange.sst");
    if (!range || !metarange) GTEST_SKIP() << "no golden data: set TARN_GOLDEN_DIR";

    EXPECT_EQ(rewritten(*range).id,
              "a83af763ba098c15369d9d6d723731eb9ce18b8dfac4f88c6f1287e772393d0e");
    EXPECT_EQ(rewritten(*range).bytes, *range);
    EXPECT_EQ(rewritten(*metarange).id,
              "732d4016245c5547113e0cd0f1a588fc55e36c21f460ac670cca4396922f5c11");
    EXPECT_EQ(rewritten(*metarange).bytes, *metarange);
}

TEST(Golden, FilesWithAnOlderIndexOrPropertiesAreRead) {
    const auto large = read_golden(TARN_SOURCE_DIR, "56569996.sst");
    const auto old = read_golden(TARN_SOURCE_DIR, "ok1.sst");
    if (!large || !old) GTEST_SKIP() << "no golden data: set TARN_GOLDEN_DIR";

    const Written large_again = rewritten(*large);
    const Written old_again = rewritten(*old);

    EXPECT_EQ(large_again.count, 13'868);
    EXPECT_EQ(large_again.estimated_size, 1'735'615U);
    EXPECT_EQ(large_again.id, "56569996e174e06211632b143e7160a003e107c30790e1bd7267f3f227a06159");
    EXPECT_EQ(old_again.count, 105);
    EXPECT_EQ(old_again.estimated_size, 10'077U);
}

}  // namespace
}  // namespace tarn::sstable
