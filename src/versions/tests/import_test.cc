#include "versions/testing/operations.h"

namespace tarn::versions {
namespace {

class ImportTest : public OperationsTest {
protected:
    // A tree in the repository's namespace, as an import writes it.
    std::string tree_with(const std::vector<std::string>& keys) {
        class Keys final : public committed::ChangeSource {
        public:
            explicit Keys(std::vector<std::string> keys) : keys_(std::move(keys)) {}
            Task<std::vector<committed::Change>> next() override {
                std::vector<committed::Change> changes;
                for (const std::string& key : keys_) changes.push_back({key, value_of("imported")});
                keys_.clear();
                co_return changes;
            }

        private:
            std::vector<std::string> keys_;
        };
        Keys source(keys);
        return await(stores.trees.write(repository.storage_namespace, source, {}));
    }

    ImportRequest request_of(const std::vector<std::string>& keys,
                             std::vector<std::string> prefixes) {
        ImportRequest request;
        request.branch = "main";
        request.tree_id = tree_with(keys);
        request.prefixes = std::move(prefixes);
        request.committer = "me";
        return request;
    }
};

TEST_F(ImportTest, ReplacesAllKeysWithOneOfThePrefixes) {
    write("main", "in/old", "1");
    write("main", "ab", "1");
    write("main", "z", "1");
    save("main");

    await(import_tree(stores, repository, request_of({"a", "in/new"}, {"in/", "a"})));

    EXPECT_EQ(shown("main"), "a=imported in/new=imported z=1");
}

TEST_F(ImportTest, TellsWhatItIs) {
    write("main", "a", "1");
    const refs::Commit head = save("main");
    ImportRequest request = request_of({"b"}, {"b"});
    request.metadata = {{"job", "77"}};

    const refs::Commit made = await(import_tree(stores, repository, std::move(request)));

    EXPECT_EQ(made.message, "Import objects");
    EXPECT_EQ(made.parents, std::vector<std::string>{head.id});
    EXPECT_EQ(made.generation, head.generation + 1);
    EXPECT_EQ(made.metadata,
              (refs::Metadata{{"job", "77"}, {".lakefs.merge.strategy", "source-wins"}}));
    const auto metadata = await(stores.refs.get_repository_metadata(repository));
    EXPECT_EQ(metadata.at(".lakefs.last.import.timestamp"),
              std::to_string(unix_seconds(made.created)));
}

TEST_F(ImportTest, IsRefusedWhileSomethingIsUncommitted) {
    write("main", "a", "1");

    EXPECT_EQ(failure_of([&] { await(import_tree(stores, repository, request_of({"b"}, {"b"}))); }),
              "invalid_argument/dirty_branch");

    EXPECT_EQ(shown("main"), "a=1");
}

TEST_F(ImportTest, CanBeStoppedByAnObserver) {
    notebook.refused = Event::Kind::pre_commit;

    EXPECT_EQ(failure_of([&] { await(import_tree(stores, repository, request_of({"b"}, {"b"}))); }),
              "precondition_failed/hook_failed");

    EXPECT_EQ(shown("main"), "");
}

TEST_F(ImportTest, NeedsForceInAReadOnlyRepository) {
    refs::Repository read_only = repository;
    read_only.read_only = true;
    ImportRequest request = request_of({"b"}, {"b"});

    EXPECT_EQ(failure_of([&] { await(import_tree(stores, read_only, request)); }),
              "permission_denied/read_only_repository");
    request.force = true;
    await(import_tree(stores, read_only, request));

    EXPECT_EQ(shown("main"), "b=imported");
}

}  // namespace
}  // namespace tarn::versions
