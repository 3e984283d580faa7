#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/testing/await.h"
#include "base/testing/golden.h"
#include "base/testing/temporary_folder.h"
#include "block/memory/memory_store.h"
#include "committed/testing/changes.h"
#include "committed/trees.h"

namespace tarn::committed {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using testing::Changes;
using testing::MapChanges;
using testing::Records;

std::string text(const json::value& value) {
    return json::value_to<std::string>(value);
}

std::string content_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
}

// The committed files of an installation of lakeFS, loaded into memory; one namespace a repository.
class InstallationTest : public ::testing::Test {
protected:
    void SetUp() override {
        const fs::path archive = golden_dir(TARN_SOURCE_DIR) / "installation" / "store.tar.gz";
        if (!fs::exists(archive)) GTEST_SKIP() << "no golden data: set TARN_GOLDEN_DIR";
        const std::string command =
            "tar -xzf '" + archive.string() + "' -C '" + folder_.path().string() + "'";
        ASSERT_EQ(std::system(command.c_str()), 0);
        golden_ = json::parse(read_golden(TARN_SOURCE_DIR, "vectors.json").value());
        load("bulk");
        load("ranges");
    }

    void load(const std::string& repository) {
        const fs::path folder = folder_.path() / "store" / repository / "_lakefs";
        for (const auto& file : fs::directory_iterator(folder)) {
            if (!file.is_regular_file()) continue;
            const std::string key = "_lakefs/" + file.path().filename().string();
            const auto body = source_of(content_of(file.path()));
            await(store_.put({"mem://" + repository, key}, *body, false));
        }
    }

    TreesOptions options_of(const std::string& repository) const {
        TreesOptions options;
        for (const json::value& split : golden_.at("splitting").at("list").as_array()) {
            if (text(split.at("repository")) != repository) continue;
            const json::value& settings = split.at("settings");
            options.min_range_size_bytes =
                settings.at("min_range_size_bytes").to_number<std::uint64_t>();
            options.max_range_size_bytes =
                settings.at("max_range_size_bytes").to_number<std::uint64_t>();
            options.range_raggedness_entries =
                settings.at("range_raggedness_entries").to_number<std::uint64_t>();
        }
        return options;
    }

    TemporaryFolder folder_;
    json::value golden_;
    SystemClock clock_;
    Workers workers_{2};
    block::MemoryStore store_{clock_};
};

TEST_F(InstallationTest, WritingAllRecordsAnewGivesTheSameTree) {
    for (const json::value& split : golden_.at("splitting").at("list").as_array()) {
        const std::string repository = text(split.at("repository"));
        SCOPED_TRACE(repository);
        Trees trees(store_, workers_, options_of(repository));
        const Tree tree{"mem://" + repository, text(split.at("metarange_id"))};
        MapChanges records(await(testing::read_tree(trees, tree)), 1'000);

        const std::string again = await(trees.write("mem://again", records, {}));

        EXPECT_EQ(again, tree.id);
        EXPECT_EQ(await(trees.ranges({"mem://again", again})).size(),
                  split.at("ranges").as_array().size());
    }
}

Changes changes_between(Trees& trees, const Tree& base, const Tree& result) {
    Changes changes;
    for (const DiffEntry& entry : await(testing::read_diff(trees, base, result, ""))) {
        changes[entry.key] =
            entry.type == DiffType::removed ? std::nullopt : std::optional<Value>(entry.right);
    }
    return changes;
}

TEST_F(InstallationTest, CommitsAndMergesGiveTheSameTrees) {
    for (const json::value& operation : golden_.at("tree_operations").at("list").as_array()) {
        const std::string repository = text(operation.at("repository"));
        SCOPED_TRACE(repository + ": " + text(operation.at("operation")));
        Trees trees(store_, workers_, options_of(repository));
        const auto tree = [&](const json::value& id) {
            return Tree{"mem://" + repository, text(id)};
        };
        const json::object& inputs = operation.at("inputs").as_object();
        const Tree base = tree(inputs.at("base"));
        const Tree result = tree(operation.at("result"));

        std::string id;
        if (inputs.contains("source")) {
            const Merged merged = await(trees.merge(
                tree(inputs.at("source")), tree(inputs.at("destination")), base, Strategy::none));
            id = merged.tree_id;
        } else {
            MapChanges changes(changes_between(trees, base, result));
            id = await(trees.apply(base, changes)).tree_id;
        }

        EXPECT_EQ(id, result.id);
    }
}

}  // namespace
}  // namespace tarn::committed
