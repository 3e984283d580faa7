#include "versions/dump.h"

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "refs/records.h"

namespace tarn::versions {
namespace {

constexpr int page_rows = 1'000;

// What describes a kind of record to readers in other languages: its protobuf message as JSON.
std::string field(std::string_view name, int number, std::string_view type,
                  std::string_view type_name = "", bool repeated = false) {
    std::string json = "{\"name\":\"" + std::string(name) +
                       "\",\"number\":" + std::to_string(number) + ",\"label\":\"LABEL_" +
                       (repeated ? "REPEATED" : "OPTIONAL") + "\",\"type\":\"TYPE_" +
                       std::string(type) + "\"";
    if (!type_name.empty()) json += ",\"typeName\":\"" + std::string(type_name) + "\"";
    return json + "}";
}

std::string message(std::string_view name, const std::vector<std::string>& fields) {
    std::string json = "{\"name\":\"" + std::string(name) + "\",\"field\":[";
    for (std::size_t i = 0; i < fields.size(); ++i) json += (i == 0 ? "" : ",") + fields[i];
    return json + "]}";
}

std::map<std::string, std::string> properties(std::string_view entity, std::string_view type,
                                              const std::vector<std::string>& fields) {
    return {{"entity", std::string(entity)},
            {"schema_name", "io.treeverse.lakefs.graveler." + std::string(type)},
            {"schema_definition", message(type, fields)}};
}

std::map<std::string, std::string> properties_of(const refs::Commit*) {
    return properties(
        "commit", "CommitData",
        {field("id", 1, "STRING"), field("committer", 2, "STRING"), field("message", 3, "STRING"),
         field("creation_date", 4, "MESSAGE", ".google.protobuf.Timestamp"),
         field("meta_range_id", 5, "STRING"),
         field("metadata", 6, "MESSAGE", ".io.treeverse.lakefs.graveler.CommitData.MetadataEntry",
               true),
         field("parents", 7, "STRING", "", true), field("version", 8, "INT32"),
         field("generation", 9, "INT32")});
}

std::map<std::string, std::string> properties_of(const refs::Branch*) {
    return properties("branch", "BranchData",
                      {field("id", 1, "STRING"), field("commit_id", 2, "STRING"),
                       field("staging_token", 3, "STRING"),
                       field("sealed_tokens", 4, "STRING", "", true), field("hidden", 5, "BOOL")});
}

std::map<std::string, std::string> properties_of(const refs::Tag*) {
    return properties("tag", "TagData",
                      {field("id", 1, "STRING"), field("commit_id", 2, "STRING")});
}

std::string commit_of(const refs::Commit& commit) {
    return commit.id;
}
std::string commit_of(const refs::Branch& branch) {
    return branch.commit_id;
}
std::string commit_of(const refs::Tag& tag) {
    return tag.commit_id;
}

template <class T>
using NextPage = std::function<Task<refs::Page<T>>(std::string after)>;

// What is listed page by page, as records of a tree.
template <class T>
class Listed final : public committed::ChangeSource {
public:
    Listed(NextPage<T> list, Checkpoint checkpoint)
        : list_(std::move(list)), checkpoint_(std::move(checkpoint)) {}

    Task<std::vector<committed::Change>> next() override {
        std::vector<committed::Change> records;
        if (!more_) co_return records;
        checkpoint_();
        refs::Page<T> page = co_await list_(after_);
        more_ = page.more && !page.items.empty();
        if (more_) after_ = page.items.back().id;
        for (const T& item : page.items) {
            records.push_back({item.id, committed::Value{commit_of(item), refs::encode(item)}});
        }
        co_return records;
    }

private:
    NextPage<T> list_;
    Checkpoint checkpoint_;
    std::string after_;
    bool more_ = true;
};

template <class T>
Task<std::string> dump(Stores& stores, const refs::Repository& repository, NextPage<T> list,
                       Checkpoint checkpoint) {
    Listed<T> records(std::move(list), std::move(checkpoint));
    const T* kind = nullptr;
    co_return co_await stores.trees.write(repository.storage_namespace, records,
                                          properties_of(kind));
}

template <class T>
using WriteSome = std::function<Task<void>(std::vector<T>)>;

// Hands the records of a tree on, some at a time.
template <class T>
Task<void> restore(Stores& stores, const refs::Repository& repository, std::string tree,
                   T (*decode)(std::string_view), WriteSome<T> write, Checkpoint checkpoint) {
    const auto records =
        stores.trees.iterate(committed::Tree{repository.storage_namespace, std::move(tree)});
    std::vector<T> some;
    bool valid = co_await records->seek("");
    while (valid) {
        some.push_back(decode(records->record().data));
        valid = records->step();
        if (!valid) valid = co_await records->cross();
        if (valid && some.size() < page_rows) continue;
        checkpoint();
        co_await write(std::exchange(some, {}));
    }
}

}  // namespace

Task<std::string> dump_commits(Stores& stores, refs::Repository repository, Checkpoint checkpoint) {
    NextPage<refs::Commit> list = [&](std::string after) {
        return stores.refs.list_commits(repository, std::move(after), page_rows);
    };
    co_return co_await dump(stores, repository, std::move(list), std::move(checkpoint));
}

Task<std::string> dump_branches(Stores& stores, refs::Repository repository,
                                Checkpoint checkpoint) {
    NextPage<refs::Branch> list = [&](std::string after) -> Task<refs::Page<refs::Branch>> {
        auto page =
            co_await stores.refs.list_branches(repository, "", std::move(after), page_rows, true);
        for (refs::Branch& branch : page.items) {
            branch = {.id = branch.id,
                      .commit_id = branch.commit_id,
                      .staging_token = {},
                      .sealed_tokens = {}};
        }
        co_return page;
    };
    co_return co_await dump(stores, repository, std::move(list), std::move(checkpoint));
}

Task<std::string> dump_tags(Stores& stores, refs::Repository repository, Checkpoint checkpoint) {
    NextPage<refs::Tag> list = [&](std::string after) {
        return stores.refs.list_tags(repository, "", std::move(after), page_rows);
    };
    co_return co_await dump(stores, repository, std::move(list), std::move(checkpoint));
}

Task<void> restore_commits(Stores& stores, refs::Repository repository, std::string tree,
                           Checkpoint checkpoint) {
    WriteSome<refs::Commit> write = [&](std::vector<refs::Commit> some) {
        return stores.refs.restore_commits(repository, std::move(some));
    };
    co_await restore<refs::Commit>(stores, repository, std::move(tree), refs::decode_commit,
                                   std::move(write), std::move(checkpoint));
}

Task<void> restore_branches(Stores& stores, refs::Repository repository, std::string tree,
                            Checkpoint checkpoint) {
    WriteSome<refs::Branch> write = [&](std::vector<refs::Branch> some) {
        return stores.refs.restore_branches(repository, std::move(some));
    };
    co_await restore<refs::Branch>(stores, repository, std::move(tree), refs::decode_branch,
                                   std::move(write), std::move(checkpoint));
}

Task<void> restore_tags(Stores& stores, refs::Repository repository, std::string tree,
                        Checkpoint checkpoint) {
    WriteSome<refs::Tag> write = [&](std::vector<refs::Tag> some) {
        return stores.refs.restore_tags(repository, std::move(some));
    };
    co_await restore<refs::Tag>(stores, repository, std::move(tree), refs::decode_tag,
                                std::move(write), std::move(checkpoint));
}

}  // namespace tarn::versions
