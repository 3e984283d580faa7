#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/error.h"
#include "base/testing/await.h"
#include "base/testing/golden.h"
#include "committed/testing/golden_entry.h"
#include "kv/memory/memory_store.h"
#include "versions/branches.h"
#include "versions/history.h"
#include "versions/stage.h"
#include "versions/testing/house.h"

// What a running lakeFS made of the same writes, commits and merges.
namespace tarn::versions {
namespace {

namespace json = boost::json;
using committed::testing::golden_value;
using committed::testing::GoldenEntry;

std::string text(const json::value& value) {
    return json::value_to<std::string>(value);
}

committed::TreesOptions options_from(const json::object& settings) {
    committed::TreesOptions options;
    if (settings.empty()) return options;
    const auto number = [&](const char* name) {
        return settings.at(name).to_number<std::uint64_t>();
    };
    options.min_range_size_bytes = number("min_range_size_bytes");
    options.max_range_size_bytes = number("max_range_size_bytes");
    options.range_raggedness_entries = number("range_raggedness_entries");
    return options;
}

class Golden {
public:
    explicit Golden(committed::TreesOptions options)
        : house(store, {.trees = std::move(options)}) {}

    // Stages the changes of one side of a case and commits them; the tree that comes of it.
    std::string apply(const std::string& branch, const json::object& changes) {
        for (const auto& [key, change] : changes) {
            const std::string path(key);
            GoldenEntry entry;
            if (!change.is_null()) {
                const json::array& parts = change.as_array();
                const auto number = parts[0].to_number<std::int64_t>();
                entry.address = fmt::format("local:///srv/golden/v/{}", number);
                entry.modified_seconds = 1'600'000'000 + number;
                entry.size = parts[1].to_number<std::int64_t>();
                entry.checksum = text(parts[2]);
                entry.content_type = "text/plain";
            }
            stage(branch, path, entry);
            // A tombstone is staged there whether or not the path is committed.
            if (change.is_null()) await(remove(house.stores, repository, branch, path, {}));
        }
        return save(branch);
    }

    void stage(const std::string& branch, const std::string& path, const GoldenEntry& entry) {
        await(put(house.stores, repository, branch, path, golden_value(entry), {}));
    }

    std::string save(const std::string& branch) {
        CommitRequest request;
        request.branch = branch;
        request.allow_empty = true;
        return await(commit(house.stores, repository, request)).tree_id;
    }

    std::string join(const std::string& strategy) {
        MergeRequest request;
        request.source = "source";
        request.destination = "destination";
        if (strategy == "source-wins") request.strategy = committed::Strategy::source_wins;
        if (strategy == "dest-wins") request.strategy = committed::Strategy::destination_wins;
        try {
            return await(merge(house.stores, repository, request)).tree_id;
        } catch (const Error& error) {
            return error.detail() == "merge_conflict" ? "conflict" : error.message();
        }
    }

    kv::MemoryStore store;
    House house;
    const refs::Repository repository = house.create_repository("golden");
};

// In this case lakeFS loses records: it takes a record whose content is that of a later one of the
// base for that one, and does not compare the keys.
constexpr int lossy_case = 5;

TEST(GoldenMerges, GiveTheTreesOfLakeFS) {
    const auto file = read_golden(TARN_SOURCE_DIR, "merges.json");
    if (!file) GTEST_SKIP() << "golden data is not there";
    const json::value golden = json::parse(*file);
    committed::TreesOptions options;
    options.min_range_size_bytes = 300;
    options.max_range_size_bytes = 6'000;
    options.range_raggedness_entries = 12;

    int index = 0;
    for (const json::value& merge : golden.at("cases").as_array()) {
        SCOPED_TRACE(index);
        const json::value& changes = merge.at("changes");
        const json::value& ids = merge.at("metarange_ids");
        Golden lake(options);
        EXPECT_EQ(lake.apply("main", changes.at("base").as_object()), text(ids.at("base")));
        for (const char* side : {"source", "destination"}) {
            await(create_branch(lake.house.stores, lake.repository, side, "main", false, false));
            EXPECT_EQ(lake.apply(side, changes.at(side).as_object()), text(ids.at(side)));
        }
        const std::string result = lake.join(text(merge.at("strategy")));
        EXPECT_EQ(result == text(merge.at("result")), index != lossy_case) << result;
        ++index;
    }
}

TEST(GoldenCommits, OfManyEntriesGiveTheTreesOfLakeFS) {
    const auto file = read_golden(TARN_SOURCE_DIR, "vectors.json");
    if (!file) GTEST_SKIP() << "golden data is not there";
    const json::value golden = json::parse(*file);

    for (const json::value& item : golden.at("end_to_end").at("list").as_array()) {
        SCOPED_TRACE(text(item.at("label")));
        Golden lake(options_from(item.at("settings").as_object()));
        const auto entries = item.at("entries").to_number<std::int64_t>();
        for (std::int64_t i = 0; i < entries; ++i) {
            GoldenEntry entry;
            entry.address = fmt::format("local:///srv/golden/v/{:05}", i);
            entry.modified_seconds = 1'600'000'000 + i;
            entry.size = i * 37 % 1'000;
            entry.checksum = fmt::format("{:032x}", i * 2'654'435'761);
            entry.content_type = "application/octet-stream";
            lake.stage("main", fmt::format("vec/{:05}", i), entry);
        }
        EXPECT_EQ(lake.save("main"), text(item.at("metarange_id")));
    }
}

}  // namespace
}  // namespace tarn::versions
