#include "s3/branch_walk.h"

#include <gtest/gtest.h>

#include "base/testing/await.h"
#include "kv/memory/memory_store.h"

namespace tarn::s3 {
namespace {

class Walk : public ::testing::Test {
protected:
    Walk() {
        refs::Repository repository;
        repository.id = "repo";
        repository.storage_namespace = "mem://repo";
        repository.default_branch = "main";
        repository_ = await(refs_.create_repository(repository, false));
        for (const auto* name : {"main-2", "main-2-x", "main0", "dev", "a-b", "a", "a-b-c"}) {
            await(refs_.create_branch(repository_, name, "main", false));
        }
    }

    std::string names(std::string prefix, std::string after) {
        BranchWalk walk(refs_, repository_, std::move(prefix), std::move(after));
        return await(join(walk));
    }

private:
    static Task<std::string> join(BranchWalk& walk) {
        std::string text;
        for (;;) {
            const auto name = co_await walk.next();
            if (!name) co_return text;
            text += *name + "/ ";
        }
    }

    kv::MemoryStore store_;
    SystemClock clock_;
    refs::Refs refs_{store_, clock_};
    refs::Repository repository_;
};

TEST_F(Walk, SortsNamesWithTheirSlash) {
    EXPECT_EQ(names("", ""), "a-b-c/ a-b/ a/ dev/ main-2-x/ main-2/ main/ main0/ ");
    EXPECT_EQ(names("main", ""), "main-2-x/ main-2/ main/ main0/ ");
}

TEST_F(Walk, GoesOnBehindACursor) {
    EXPECT_EQ(names("", "a-b/x"), "a-b/ a/ dev/ main-2-x/ main-2/ main/ main0/ ");
    EXPECT_EQ(names("main", "main-2/"), "main-2/ main/ main0/ ");
    EXPECT_EQ(names("main", "main/zzz"), "main/ main0/ ");
    EXPECT_EQ(names("", "zzz"), "");
}

}  // namespace
}  // namespace tarn::s3
