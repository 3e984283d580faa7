#include "gc/uncommitted.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/error.h"
#include "catalog/testing/opened_catalog.h"
#include "gc/testing/address_file_reader.h"
#include "versions/history.h"

namespace tarn::gc {
namespace {

class UncommittedTest : public ::testing::Test {
protected:
    void stage(const std::string& branch, const std::string& path, const std::string& address,
               catalog::AddressType type = catalog::AddressType::relative) {
        catalog::Entry entry;
        entry.address = address;
        entry.address_type = type;
        entry.etag = address;
        entry.modified = from_unix_seconds(1'600'000'000);
        await(opened.catalog.put(repository, branch, path, entry, {}, {}));
    }

    void save() {
        versions::CommitRequest request;
        request.branch = "main";
        await(versions::commit(opened.stores, repository, request));
    }

    PreparedUncommitted prepare(std::string continuation = "", UncommittedOptions options = {}) {
        return await(
            prepare_uncommitted(opened.catalog, repository, std::move(continuation), options));
    }

    // All addresses of all files of a run, in the order of the files' names.
    std::vector<std::string> listed(const std::string& run_id) {
        std::vector<std::string> addresses;
        const auto page = await(opened.blocks.list(
            repository.storage_namespace,
            "_lakefs/retention/gc/uncommitted/" + run_id + "/uncommitted/", "", 1000));
        for (const block::Listed& file : page.objects) {
            auto found =
                await(opened.blocks.open({repository.storage_namespace, file.key}, std::nullopt));
            const auto source = as_source(std::move(found->body));
            for (const auto& row : testing::read_addresses(await(read_all(*source, 1 << 24)))) {
                EXPECT_EQ(row.created, 1'600'000'000);
                addresses.push_back(row.address);
            }
        }
        return addresses;
    }

    catalog::OpenedCatalog opened;
    refs::Repository repository = opened.create_repository("lake");
};

using Addresses = std::vector<std::string>;

TEST_F(UncommittedTest, WritesNothingWhereNothingIsStaged) {
    const PreparedUncommitted prepared = prepare();

    EXPECT_EQ(prepared.location, "");
    EXPECT_EQ(prepared.continuation, "");
    EXPECT_EQ(prepared.run_id.size(), 20u);
}

TEST_F(UncommittedTest, ListsStagedAddressesOfAllBranches) {
    stage("main", "committed", "data/p/committed");
    save();
    await(opened.refs.create_branch(repository, "dev", "main", false));
    await(opened.refs.create_branch(repository, "shadow", "main", true));
    stage("main", "a", "data/p/1");
    stage("dev", "a", "data/p/2");
    stage("shadow", "a", "data/p/3");
    await(opened.catalog.remove(repository, "main", "committed", {}));

    const PreparedUncommitted prepared = prepare();

    EXPECT_EQ(listed(prepared.run_id), (Addresses{"data/p/2", "data/p/1", "data/p/3"}));
    EXPECT_EQ(prepared.location, opened.blocks.show({repository.storage_namespace,
                                                     "_lakefs/retention/gc/uncommitted/" +
                                                         prepared.run_id + "/uncommitted"}) +
                                     "/");
}

TEST_F(UncommittedTest, OfWholeAddressesOnlyThoseInTheNamespaceCount) {
    stage("main", "a", "mem://lake/data/p/inside", catalog::AddressType::full);
    stage("main", "b", "mem://elsewhere/outside", catalog::AddressType::full);
    stage("main", "c", "mem://lakeside/outside", catalog::AddressType::full);

    EXPECT_EQ(listed(prepare().run_id), Addresses{"data/p/inside"});
}

TEST_F(UncommittedTest, GoesOnWhereAFullFileEnded) {
    await(opened.refs.create_branch(repository, "dev", "main", false));
    Addresses expected;
    for (const char* branch : {"dev", "main"}) {
        for (int i = 10; i < 20; ++i) {
            expected.push_back(std::string("data/p/") + branch + std::to_string(i));
            stage(branch, "k" + std::to_string(i), expected.back());
        }
    }
    Addresses got;
    std::string continuation;
    int calls = 0;
    std::string run_id;

    do {
        const PreparedUncommitted prepared = prepare(continuation, {.file_bytes_max = 1});
        continuation = prepared.continuation;
        if (++calls > 1) EXPECT_EQ(prepared.run_id, run_id);
        run_id = prepared.run_id;
        opened.clock.advance(std::chrono::seconds(1));  // names of files are in order of time
    } while (!continuation.empty());

    EXPECT_EQ(calls, 20);
    EXPECT_EQ(listed(run_id), expected);
}

TEST_F(UncommittedTest, StopsWhenItsTimeIsOver) {
    stage("main", "a", "data/p/1");
    stage("main", "b", "data/p/2");

    const PreparedUncommitted prepared = prepare("", {.time_max = std::chrono::seconds(-1)});

    EXPECT_NE(prepared.continuation, "");
    EXPECT_EQ(listed(prepared.run_id), Addresses{"data/p/1"});
}

TEST_F(UncommittedTest, PathsThatAreNoTextAreGoneOnFromToo) {
    stage("main", "\xff\x01", "data/p/1");
    stage("main", "\xff\x02", "data/p/2");

    const PreparedUncommitted first = prepare("", {.file_bytes_max = 1});
    opened.clock.advance(std::chrono::seconds(1));
    const PreparedUncommitted second = prepare(first.continuation);

    EXPECT_EQ(second.continuation, "");
    EXPECT_EQ(listed(first.run_id), (Addresses{"data/p/1", "data/p/2"}));
}

TEST_F(UncommittedTest, TakesABranchThatHasGoneAsRead) {
    await(opened.refs.create_branch(repository, "dev", "main", false));
    stage("dev", "a", "data/p/1");
    stage("dev", "b", "data/p/2");
    stage("main", "a", "data/p/3");
    const PreparedUncommitted first = prepare("", {.file_bytes_max = 1});
    await(opened.refs.delete_branch(repository, "dev"));
    opened.clock.advance(std::chrono::seconds(1));

    const PreparedUncommitted second = prepare(first.continuation);

    EXPECT_EQ(listed(second.run_id), (Addresses{"data/p/1", "data/p/3"}));
}

TEST_F(UncommittedTest, RefusesTokensThatItDidNotGive) {
    for (const std::string& token :
         {std::string("garbage"), to_base64("[]"), to_base64("{}"),
          to_base64(R"({"branch":"main","path":"","run_id":"../../x","key":""})")}) {
        try {
            prepare(token);
            ADD_FAILURE() << token << " was taken";
        } catch (const Error& error) {
            EXPECT_EQ(error.detail(), "bad_continuation");
            EXPECT_EQ(error.message(), "invalid continuation token");
        }
    }
}

}  // namespace
}  // namespace tarn::gc
