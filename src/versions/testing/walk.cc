#include "versions/testing/walk.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/testing/await.h"
#include "versions/branches.h"
#include "versions/reset.h"
#include "versions/stage.h"

namespace tarn::versions {
namespace {

constexpr int branches_max = 6;
constexpr int contents_max = 4;  // few, so that sides often agree by chance
constexpr int check_all_every = 100;

}  // namespace

Walk::Walk(kv::Store& store, unsigned seed)
    : random_(seed), house_(store), repository_(house_.create_repository("walk")) {
    const auto main = await(house_.refs.get_branch(repository_, "main"));
    model_.branches["main"].head = main.branch.commit_id;
    model_.commits[main.branch.commit_id] = {};
}

void Walk::run(int steps) {
    for (int i = 1; i <= steps && !::testing::Test::HasFailure(); ++i) {
        SCOPED_TRACE("step " + std::to_string(i));
        house_.clock.advance(std::chrono::milliseconds(below(1'500)));
        step();
        if (i % check_all_every != 0) continue;
        for (const auto& [name, branch] : model_.branches) check_branch(name);
    }
}

void Walk::step() {
    const int dice = below(100);
    if (dice < 28) return write();
    if (dice < 36) return erase();
    if (dice < 38) return erase_many();
    if (dice < 50) return save();
    if (dice < 53) return branch_off();
    if (dice < 54) return delete_one_branch();
    if (dice < 56) return tag();
    if (dice < 64) return join();
    if (dice < 67) return undo();
    if (dice < 70) return pick();
    if (dice < 75) return reset_some();
    if (dice < 77) return move_head();
    if (dice < 84) return look();
    if (dice < 91) return list_pages();
    if (dice < 95) return compare_branch();
    compare_refs();
}

std::string Walk::any_branch() {
    auto at = model_.branches.begin();
    std::advance(at, below(static_cast<int>(model_.branches.size())));
    return at->first;
}

std::string Walk::any_key() {
    constexpr const char* names[] = {"a", "b", "c", "d"};
    std::string key = names[below(4)];
    for (int depth = below(3); depth > 0; --depth) key += std::string("/") + names[below(4)];
    if (below(12) == 0) key += "/";
    return key;
}

std::string Walk::any_content() {
    return "v" + std::to_string(below(contents_max));
}

std::string Walk::any_prefix() {
    const std::string key = any_key();
    return key.substr(0, static_cast<std::size_t>(below(static_cast<int>(key.size()) + 1)));
}

std::pair<std::string, std::string> Walk::any_ancestor(const std::string& branch) {
    std::string id = model_.branches.at(branch).head;
    std::string expression = branch;
    for (int back = below(4); back > 0 && !model_.commits.at(id).parents.empty(); --back) {
        id = model_.commits.at(id).parents.front();
        expression += "~";
    }
    if (expression == branch) expression += "@";
    return {id, expression};
}

Walk::Outcome Walk::attempt(const std::function<Task<refs::Commit>()>& action) {
    house_.clock.advance(std::chrono::seconds(1));
    try {
        return {await(action()), {}};
    } catch (const Error& error) {
        EXPECT_FALSE(error.detail().empty()) << error.message();
        return {std::nullopt, error.detail()};
    }
}

void Walk::expect_refused(const Outcome& outcome, const std::string& detail) {
    EXPECT_FALSE(outcome.commit);
    EXPECT_EQ(outcome.detail, detail);
}

void Walk::adopt(const std::string& branch, const refs::Commit& commit, Contents contents) {
    model_.commits[commit.id] = {std::move(contents), commit.tree_id, commit.parents};
    model_.branches[branch].head = commit.id;
    model_.branches[branch].staged.clear();
    check_branch(branch);
}

std::vector<std::string> Walk::read_lines(const std::string& ref, ListQuery query, int limit) {
    std::vector<std::string> lines;
    query.limit = limit;
    ListPage page;
    do {
        page = await(list(stores_, repository_, ref, query));
        EXPECT_LE(page.items.size(), static_cast<std::size_t>(limit));
        for (const ListItem& item : page.items) {
            lines.push_back(line_of(item));
            query.after = item.key;
        }
    } while (page.more);
    return lines;
}

void Walk::check_branch(const std::string& branch) {
    EXPECT_EQ(read_lines(branch, {}, 1'000), model_list(model_.visible(branch), {})) << branch;
    EXPECT_EQ(read_lines(branch + "@", {}, 1'000), model_list(model_.committed(branch), {}))
        << branch;
}

void Walk::write() {
    const std::string branch = any_branch();
    const std::string key = any_key();
    const std::string content = any_content();
    await(put(stores_, repository_, branch, key, value_of(content), {}));
    model_.branches[branch].staged[key] = content;
}

void Walk::erase() {
    const std::string branch = any_branch();
    const std::string key = any_key();
    await(remove(stores_, repository_, branch, key, {}));
    model_.branches[branch].staged[key] = std::nullopt;
}

void Walk::erase_many() {
    const std::string branch = any_branch();
    std::vector<std::string> keys;
    for (int i = below(6); i >= 0; --i) keys.push_back(any_key());
    await(remove_many(stores_, repository_, branch, keys, {}));
    for (const std::string& key : keys) model_.branches[branch].staged[key] = std::nullopt;
}

void Walk::save() {
    const std::string branch = any_branch();
    CommitRequest request;
    request.branch = branch;
    request.message = "saved";
    const Outcome outcome = attempt([&] { return commit(stores_, repository_, request); });
    if (!model_.dirty(branch)) return expect_refused(outcome, "no_changes");
    ASSERT_TRUE(outcome.commit) << outcome.detail;
    EXPECT_EQ(outcome.commit->parents, std::vector{model_.branches[branch].head});
    adopt(branch, *outcome.commit, model_.visible(branch));
}

void Walk::branch_off() {
    if (model_.branches.size() >= branches_max) return;
    // No hexadecimal digits: a deleted name would be taken for the beginning of a commit's id.
    const std::string name = "n" + std::to_string(++names_);
    const std::string source = any_branch();
    await(create_branch(stores_, repository_, name, source, false, false));
    model_.branches[name] = {model_.branches[source].head, {}};
    check_branch(name);
}

void Walk::delete_one_branch() {
    const std::string name = any_branch();
    if (name == "main") return;
    await(delete_branch(stores_, repository_, name, false));
    model_.branches.erase(name);
    EXPECT_THROW(await(list(stores_, repository_, name, {})), Error);
}

void Walk::tag() {
    const std::string name = "t" + std::to_string(++names_);
    const auto [id, expression] = any_ancestor(any_branch());
    await(create_tag(stores_, repository_, name, expression, false));
    model_.tags[name] = id;
}

void Walk::join() {
    const std::string source = any_branch();
    const std::string destination = any_branch();
    if (source == destination) return;
    MergeRequest request;
    request.source = source;
    request.destination = destination;
    request.strategy = static_cast<committed::Strategy>(below(3));
    request.squash = below(6) == 0;
    const std::string from = model_.branches[source].head;
    const std::string into = model_.branches[destination].head;
    const MergeBase found = await(find_merge_base(stores_, repository_, source, destination));
    EXPECT_TRUE(model_.ancestors(from).contains(found.base_commit));
    EXPECT_TRUE(model_.ancestors(into).contains(found.base_commit));

    const Outcome outcome = attempt([&] { return merge(stores_, repository_, request); });

    const ModelCommit& base = model_.commits.at(found.base_commit);
    const ModelCommit& theirs = model_.commits.at(from);
    if (model_.dirty(destination)) return expect_refused(outcome, "dirty_branch");
    if (theirs.tree_id == base.tree_id) return expect_refused(outcome, "no_changes");
    auto merged = model_merge(theirs.contents, model_.committed(destination), base.contents,
                              request.strategy);
    if (!merged) return expect_refused(outcome, "merge_conflict");
    ASSERT_TRUE(outcome.commit) << outcome.detail;
    EXPECT_EQ(outcome.commit->parents.size(), request.squash ? 1u : 2u);
    adopt(destination, *outcome.commit, std::move(*merged));
}

void Walk::undo() {
    const std::string branch = any_branch();
    const auto [id, expression] = any_ancestor(branch);
    const ModelCommit undone = model_.commits.at(id);
    RevertRequest request;
    request.branch = branch;
    request.ref = expression;
    const auto parents = static_cast<int>(undone.parents.size());
    if (parents > 1) request.parent = 1 + below(parents);
    const int chosen = request.parent == 0 ? 0 : request.parent - 1;
    const Contents before =
        parents == 0 ? Contents{}
                     : model_.commits.at(undone.parents[static_cast<std::size_t>(chosen)]).contents;

    const Outcome outcome = attempt([&] { return revert(stores_, repository_, request); });

    if (model_.dirty(branch)) return expect_refused(outcome, "dirty_branch");
    auto merged =
        model_merge(before, model_.committed(branch), undone.contents, committed::Strategy::none);
    if (!merged) return expect_refused(outcome, "merge_conflict");
    // Trees of the same contents may be cut into ranges in two ways, and then differ.
    if (!outcome.commit && *merged == model_.committed(branch)) {
        return expect_refused(outcome, "no_changes");
    }
    ASSERT_TRUE(outcome.commit) << outcome.detail;
    adopt(branch, *outcome.commit, std::move(*merged));
}

void Walk::pick() {
    const std::string branch = any_branch();
    const auto [id, expression] = any_ancestor(any_branch());
    const ModelCommit picked = model_.commits.at(id);
    if (picked.parents.empty()) return;
    CherryPickRequest request;
    request.branch = branch;
    request.ref = expression;
    const auto parents = static_cast<int>(picked.parents.size());
    if (parents > 1) request.parent = 1 + below(parents);
    const auto chosen = static_cast<std::size_t>(request.parent.value_or(1) - 1);
    const ModelCommit base = model_.commits.at(picked.parents[chosen]);

    const Outcome outcome = attempt([&] { return cherry_pick(stores_, repository_, request); });

    if (model_.dirty(branch)) return expect_refused(outcome, "dirty_branch");
    if (picked.tree_id == base.tree_id) return expect_refused(outcome, "no_changes");
    auto merged = model_merge(picked.contents, model_.committed(branch), base.contents,
                              committed::Strategy::none);
    if (!merged) return expect_refused(outcome, "merge_conflict");
    ASSERT_TRUE(outcome.commit) << outcome.detail;
    adopt(branch, *outcome.commit, std::move(*merged));
}

void Walk::reset_some() {
    const std::string branch = any_branch();
    auto& staged = model_.branches[branch].staged;
    const int kind = below(5);
    if (kind == 0) {
        await(reset_branch(stores_, repository_, branch, false));
        staged.clear();
    } else if (kind < 3) {
        const std::string key = any_key();
        await(reset_key(stores_, repository_, branch, key, false));
        staged.erase(key);
    } else {
        const std::string prefix = any_prefix();
        await(reset_prefix(stores_, repository_, branch, prefix, false));
        std::erase_if(staged, [&](const auto& item) { return item.first.starts_with(prefix); });
    }
    check_branch(branch);
}

void Walk::move_head() {
    const std::string branch = any_branch();
    const auto [id, expression] = any_ancestor(any_branch());
    std::string detail;
    try {
        await(hard_reset(stores_, repository_, branch, expression, false));
    } catch (const Error& error) {
        detail = error.detail();
    }
    EXPECT_EQ(detail, model_.dirty(branch) ? "dirty_branch" : "");
    if (!detail.empty()) return;
    model_.branches[branch] = {id, {}};
    check_branch(branch);
}

void Walk::look() {
    const std::string key = any_key();
    std::string ref = any_branch();
    Contents contents = model_.visible(ref);
    if (!model_.tags.empty() && below(4) == 0) {
        auto at = model_.tags.begin();
        std::advance(at, below(static_cast<int>(model_.tags.size())));
        ref = below(2) == 0 ? at->first : at->second;
        contents = model_.commits.at(at->second).contents;
    }
    const auto found = await(get(stores_, repository_, ref, key));
    EXPECT_EQ(found.has_value(), contents.contains(key)) << ref << " " << key;
    if (found) EXPECT_EQ(found->data, contents.at(key));
}

void Walk::list_pages() {
    const std::string branch = any_branch();
    ListQuery query;
    if (below(2) == 0) query.prefix = any_prefix();
    if (below(2) == 0) query.after = any_key();
    if (below(3) != 0) query.delimiter = "/";
    const int limit = 1 + below(7);
    EXPECT_EQ(read_lines(branch, query, limit), model_list(model_.visible(branch), query))
        << branch << " prefix '" << query.prefix << "' after '" << query.after << "' delimiter '"
        << query.delimiter << "' limit " << limit;
}

void Walk::compare_branch() {
    const std::string branch = any_branch();
    DiffQuery query;
    if (below(2) == 0) query.prefix = any_prefix();
    if (below(2) == 0) query.delimiter = "/";
    if (below(3) == 0) query.after = any_key();
    const auto expected = model_diff(model_.committed(branch), model_.visible(branch), query);
    std::vector<std::string> lines;
    query.limit = 1 + below(5);
    DiffPage page;
    do {
        page = await(diff_branch(stores_, repository_, branch, query));
        for (const DiffItem& item : page.items) {
            lines.push_back(line_of(item));
            query.after = item.key;
        }
    } while (page.more);
    EXPECT_EQ(lines, expected) << branch;
}

void Walk::compare_refs() {
    const std::string left = any_branch();
    const std::string right = any_branch();
    const auto read = [&](const std::string& to, bool three_dot) {
        const auto page = await(diff_refs(stores_, repository_, left, to, three_dot, {}));
        std::vector<std::string> lines;
        for (const DiffItem& item : page.items) lines.push_back(line_of(item));
        return lines;
    };
    const Contents& ours = model_.committed(left);
    EXPECT_EQ(read(right, false), model_diff(ours, model_.committed(right), {}));
    EXPECT_EQ(read(right + "$", false), model_diff(ours, model_.visible(right), {}));
    const MergeBase found = await(find_merge_base(stores_, repository_, right, left));
    const Contents& base = model_.commits.at(found.base_commit).contents;
    EXPECT_EQ(read(right, true), model_incoming(base, ours, model_.committed(right)));
}

}  // namespace tarn::versions
