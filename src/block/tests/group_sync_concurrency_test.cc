#include "block/local/group_sync.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <future>
#include <memory>
#include <thread>

#include "base/error.h"
#include "base/testing/await.h"
#include "base/testing/temporary_folder.h"
#include "base/workers.h"
#include "block/testing/power_loss_file_system.h"

namespace tarn::block {
namespace {

// A file system whose syncs take as long as the test wants, and fail when it wants.
class SlowFileSystem final : public FileSystem {
public:
    explicit SlowFileSystem(const std::string& root) : real_(open_file_system(root)) {}

    int root() const override { return real_->root(); }
    int create(const std::string& path, bool direct) override {
        return real_->create(path, direct);
    }
    int write(int file, std::string_view bytes, std::uint64_t offset) override {
        return real_->write(file, bytes, offset);
    }
    int allocate(int, std::uint64_t) override { return 0; }
    int clone(int, int) override { return -EOPNOTSUPP; }
    int rename(const std::string&, const std::string&) override { return 0; }
    int remove(const std::string&) override { return 0; }
    int make_folder(const std::string&) override { return 0; }
    int sync_file(int) override { return 0; }
    int sync_folder(const std::string&) override { return 0; }
    int sync_all() override {
        std::unique_lock lock(mutex_);
        ++syncs_;
        changed_.notify_all();
        changed_.wait(lock, [&] { return !held_; });
        return fails_ ? -EIO : 0;
    }

    void hold(bool held) {
        const std::scoped_lock lock(mutex_);
        held_ = held;
        changed_.notify_all();
    }
    void fail(bool fails) {
        const std::scoped_lock lock(mutex_);
        fails_ = fails;
    }
    int syncs() const {
        const std::scoped_lock lock(mutex_);
        return syncs_;
    }
    void wait_for_sync(int number) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return syncs_ >= number; });
    }

private:
    const std::unique_ptr<FileSystem> real_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    int syncs_ = 0;
    bool held_ = false;
    bool fails_ = false;
};

// Whoever wakes a coroutine may still be at it when that has ended, so the contexts that wait for
// the group outlive it, as they do in a server.
class GroupSyncTest : public ::testing::Test {
protected:
    const TemporaryFolder folder_;
    Workers clients_{2};
    SlowFileSystem files_{folder_.path()};
    GroupSync group_{files_};

    std::future<std::string> begin(std::function<void()> change) {
        const auto outcome = std::make_shared<std::promise<std::string>>();
        clients_.start([this, change, outcome]() -> Task<void> {
            std::string failure = "none";
            try {
                co_await group_.run(change);
            } catch (const Error& error) {
                failure = name(error.code());
            }
            outcome->set_value(failure);
        });
        return outcome->get_future();
    }
    std::string run(std::function<void()> change) { return begin(std::move(change)).get(); }
};

TEST_F(GroupSyncTest, GathersWhatComesWhileASyncIsInFlight) {
    files_.hold(true);
    std::atomic<int> changes = 0;
    std::vector<std::future<std::string>> outcomes;
    outcomes.push_back(begin([&] { ++changes; }));
    files_.wait_for_sync(1);
    for (int i = 0; i < 20; ++i) outcomes.push_back(begin([&] { ++changes; }));
    while (group_.waiting() < 20) std::this_thread::yield();

    files_.hold(false);
    for (auto& outcome : outcomes) EXPECT_EQ(outcome.get(), "none");

    EXPECT_EQ(changes, 21);
    EXPECT_EQ(files_.syncs(), 2);
}

TEST_F(GroupSyncTest, AFailedChangeFailsItsCallerOnly) {
    files_.hold(true);
    auto first = begin([] {});
    files_.wait_for_sync(1);
    auto bad = begin([] { throw Error(Code::exhausted, "full"); });
    auto good = begin([] {});
    while (group_.waiting() < 2) std::this_thread::yield();

    files_.hold(false);

    EXPECT_EQ(first.get(), "none");
    EXPECT_EQ(bad.get(), "exhausted");
    EXPECT_EQ(good.get(), "none");
}

TEST_F(GroupSyncTest, AFailedSyncFailsItsWholeGroupAndNoLaterOne) {
    files_.fail(true);
    EXPECT_EQ(run([] {}), "unavailable");

    files_.fail(false);

    EXPECT_EQ(run([] {}), "none");
}

TEST_F(GroupSyncTest, AWriteBeforeAFailedSyncOfOthersFailsToo) {
    const std::uint64_t before = group_.failures();
    files_.fail(true);
    run([] {});
    files_.fail(false);

    EXPECT_THROW(await(group_.run([] {}, before)), Error);
}

TEST_F(GroupSyncTest, DoesNotSyncWhenNothingWasChanged) {
    EXPECT_EQ(run([] { throw Error(Code::exhausted, "full"); }), "exhausted");

    EXPECT_EQ(files_.syncs(), 0);
}

}  // namespace
}  // namespace tarn::block
