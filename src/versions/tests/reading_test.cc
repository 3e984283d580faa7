#include "versions/testing/operations.h"

namespace tarn::versions {
namespace {

TEST_F(OperationsTest, ABranchShowsStagedOverCommitted) {
    write("main", "a", "1");
    write("main", "b", "1");
    save("main");
    write("main", "a", "2");
    erase("main", "b");
    write("main", "c", "2");

    EXPECT_EQ(shown("main"), "a=2 c=2");
    EXPECT_EQ(shown("main$"), "a=2 c=2");
    EXPECT_EQ(shown("main@"), "a=1 b=1");
    EXPECT_EQ(shown("main~0"), "a=1 b=1");
    EXPECT_EQ(await(get(stores, repository, "main", "a"))->data, "2");
    EXPECT_FALSE(await(get(stores, repository, "main", "b")));
    EXPECT_EQ(await(get(stores, repository, "main@", "b"))->data, "1");
}

TEST_F(OperationsTest, ATagShowsItsCommit) {
    write("main", "a", "1");
    save("main");
    await(create_tag(stores, repository, "v1", "main", false));
    write("main", "a", "2");
    save("main");

    EXPECT_EQ(shown("v1"), "a=1");
    EXPECT_EQ(shown("main~1"), "a=1");
}

TEST_F(OperationsTest, KeysBelowADelimiterRollUp) {
    for (const char* key : {"a/1", "a/2", "b", "c/d/1", "c/d/2", "c/e", "d//x"}) {
        write("main", key, key);
    }
    save("main");
    erase("main", "a/1");
    erase("main", "a/2");
    write("main", "e/new", "1");

    EXPECT_EQ(keys({.delimiter = "/"}), "b c/ d/ e/");
    EXPECT_EQ(keys({.prefix = "c/", .delimiter = "/"}), "c/d/ c/e");
    EXPECT_EQ(keys({.prefix = "d/", .delimiter = "/"}), "d//");
    EXPECT_EQ(keys({.prefix = "c"}), "c/d/1 c/d/2 c/e");
    EXPECT_EQ(keys({.delimiter = "/", .limit = 2}), "b c/ ...");
    EXPECT_EQ(keys({.after = "c/", .delimiter = "/"}), "d/ e/");
    EXPECT_EQ(keys({.after = "c/d/1", .delimiter = "/"}), "c/ d/ e/");
    EXPECT_EQ(keys({.after = "c/d/1"}), "c/d/2 c/e d//x e/new");
    EXPECT_EQ(keys({.limit = 6}), "b c/d/1 c/d/2 c/e d//x e/new");
}

TEST_F(OperationsTest, APrefixIsPassedBySeeking) {
    for (int i = 0; i < 300; ++i) write("main", "p/" + std::to_string(1'000 + i), "x");
    save("main");
    for (int i = 0; i < 300; ++i) write("main", "p/" + std::to_string(1'000 + i), "y");
    write("main", "q", "z");

    EXPECT_EQ(keys({.delimiter = "/"}), "p/ q");
}

TEST_F(OperationsTest, PathsHaveOneTo1024Bytes) {
    const std::string longest(1'024, 'x');
    write("main", longest, "1");

    EXPECT_EQ(keys({}), longest);
    EXPECT_EQ(failure_of([&] { write("main", longest + "x", "1"); }), "invalid_argument/bad_key");
    EXPECT_EQ(failure_of([&] { write("main", "", "1"); }), "invalid_argument/bad_key");
}

TEST_F(OperationsTest, WhatIsMissingIsNotFound) {
    EXPECT_EQ(failure_of([&] { write("nosuch", "a", "1"); }), "not_found/no_such_branch");
    EXPECT_EQ(failure_of([&] { save("nosuch"); }), "not_found/no_such_branch");
    EXPECT_EQ(failure_of([&] { shown("nosuch"); }), "not_found/no_such_ref");
    EXPECT_EQ(failure_of([&] { join("nosuch", "main"); }), "not_found/no_such_ref");
    EXPECT_EQ(failure_of([&] { join("main", "nosuch"); }), "not_found/no_such_branch");
}

TEST_F(OperationsTest, AResetDropsWhatIsUncommitted) {
    write("main", "a/1", "1");
    write("main", "b", "1");
    save("main");
    const auto change = [&] {
        write("main", "a/1", "2");
        write("main", "a/2", "2");
        erase("main", "b");
    };

    change();
    await(reset_key(stores, repository, "main", "a/1", false));
    EXPECT_EQ(uncommitted(), "+a/2 -b");
    await(reset_key(stores, repository, "main", "untouched", false));
    change();
    await(reset_prefix(stores, repository, "main", "a/", false));
    EXPECT_EQ(uncommitted(), "-b");
    EXPECT_EQ(shown("main"), "a/1=1");
    change();
    await(reset_branch(stores, repository, "main", false));
    EXPECT_EQ(uncommitted(), "");
    EXPECT_EQ(shown("main"), "a/1=1 b=1");
}

TEST_F(OperationsTest, DifferencesBetweenRefs) {
    write("main", "a", "1");
    write("main", "b", "1");
    write("main", "same", "1");
    save("main");
    branch_off("dev");
    write("dev", "a", "2");
    write("dev", "same", "2");
    save("dev");
    write("main", "b", "2");
    write("main", "same", "2");
    save("main");
    write("main", "c", "1");
    erase("main", "a");

    EXPECT_EQ(between("dev", "main", false), "~a ~b");
    EXPECT_EQ(between("dev", "main$", false), "-a ~b +c");
    EXPECT_EQ(between("main", "dev", true), "~a");
    EXPECT_EQ(between("main@", "main$", false), "-a +c");
    EXPECT_EQ(uncommitted(), "-a +c");
    EXPECT_EQ(failure_of([&] { between("main", "dev$", true); }), "invalid_argument/staging_ref");
}

TEST_F(OperationsTest, DifferencesRollUpAndPage) {
    for (const char* key : {"a/1", "a/2", "b", "c/1", "d"}) write("main", key, "1");

    EXPECT_EQ(uncommitted({.delimiter = "/"}), "~a/ +b ~c/ +d");
    EXPECT_EQ(uncommitted({.delimiter = "/", .limit = 2}), "~a/ +b ...");
    EXPECT_EQ(uncommitted({.after = "b", .delimiter = "/"}), "~c/ +d");
    EXPECT_EQ(uncommitted({.prefix = "a/"}), "+a/1 +a/2");
}

TEST_F(OperationsTest, TheLogIsFilteredAndPaged) {
    write("main", "a", "1");
    const refs::Commit first = save("main", "first");
    write("main", "b/1", "1");
    save("main", "second");
    write("main", "a", "2");
    const refs::Commit third = save("main", "third");
    const auto messages = [&](LogQuery query) {
        std::string text;
        const auto page = await(log(stores, repository, "main", std::move(query)));
        for (const refs::Commit& commit : page.items) text += commit.message + " ";
        return text + (page.more ? "..." : "");
    };

    EXPECT_EQ(messages({}), "third second first Repository created ");
    EXPECT_EQ(messages({.limit = 2}), "third second ...");
    EXPECT_EQ(messages({.limit = 2, .stop_at_limit = true}), "third second ");
    EXPECT_EQ(messages({.after = third.id}), "second first Repository created ");
    EXPECT_EQ(messages({.objects = {"a"}}), "third first ");
    EXPECT_EQ(messages({.prefixes = {"b/"}}), "second ");
    EXPECT_EQ(messages({.since = first.created}), "third second first ");
    EXPECT_EQ(messages({.stop_at = "main~1"}), "third second ");
}

TEST_F(OperationsTest, ProtectionAndReadOnlyRefuse) {
    refs::ProtectionRules rules;
    rules.patterns["main"] = {refs::BlockedAction::staging_write, refs::BlockedAction::commit};
    await(house.refs.protection().set(repository, rules, std::nullopt));
    refs::Repository fixed = repository;
    fixed.read_only = true;
    const std::string blocked = "permission_denied/protected_branch";
    const std::string read_only = "permission_denied/read_only_repository";

    EXPECT_EQ(failure_of([&] { write("main", "a", "1"); }), blocked);
    EXPECT_EQ(failure_of([&] { save("main"); }), blocked);
    EXPECT_EQ(failure_of([&] { await(reset_branch(stores, repository, "main", true)); }), blocked);
    branch_off("dev");
    const auto write_fixed = [&](bool force) {
        await(put(stores, fixed, "dev", "a", value_of("1"), {.force = force}));
    };
    EXPECT_EQ(failure_of([&] { write_fixed(false); }), read_only);
    EXPECT_EQ(failure_of([&] { write_fixed(true); }), "nothing");
}

TEST_F(OperationsTest, ADeletedBranchTakesItsChangesWithIt) {
    branch_off("dev");
    write("dev", "a", "1");

    await(delete_branch(stores, repository, "dev", false));
    branch_off("dev");

    EXPECT_EQ(shown("dev"), "");
    house.cleaner.stop();
    EXPECT_TRUE(await(store.scan("cleanup-tokens", "", 10)).empty());
}

TEST_F(OperationsTest, ManyKeysAreRemovedAtOnce) {
    std::vector<std::string> keys_to_go;
    for (int i = 0; i < 500; ++i) {
        keys_to_go.push_back("k" + std::to_string(i));
        if (i % 2 == 0) write("main", keys_to_go.back(), "1");
    }
    save("main");
    keys_to_go.emplace_back("");
    keys_to_go.push_back("k0");
    write("main", "kept", "1");

    await(remove_many(stores, repository, "main", keys_to_go, {}));

    EXPECT_EQ(shown("main"), "kept=1");
}

}  // namespace
}  // namespace tarn::versions
