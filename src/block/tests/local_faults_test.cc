// What the local store does when the disk fails it.

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>

#include "base/error.h"
#include "base/testing/await.h"
#include "base/testing/temporary_folder.h"
#include "block/local/local_store.h"
#include "block/testing/faulty_file_system.h"
#include "block/testing/store_contract.h"

namespace tarn::block {
namespace {

constexpr std::size_t small = 1000;
constexpr std::size_t medium = 300'000;
constexpr std::size_t large = 3'000'001;

class LocalFaults : public ::testing::Test {
protected:
    const TemporaryFolder folder_;
    Workers workers_{2};
    std::string failing_;  // the call that fails
    std::atomic<int> error_ = 0;
    std::atomic<int> calls_before_ = 0;  // that still succeed
    LocalStore store_{under(folder_.path()), workers_,
                      std::make_unique<FaultyFileSystem>(
                          folder_.path(), [this](std::string_view call) { return fault(call); })};

    static LocalOptions under(const std::string& root) {
        LocalOptions options;
        options.root = root;
        options.free_bytes_min = 0;
        return options;
    }
    int fault(std::string_view call) {
        if (error_ == 0 || call != failing_) return 0;
        if (calls_before_-- > 0) return 0;
        return -error_;
    }
    void fail(std::string call, int error, int calls_before = 0) {
        failing_ = std::move(call);
        error_ = error;
        calls_before_ = calls_before;
    }
    std::string put(std::size_t size, bool fresh) {
        const auto body = pieces_of(pattern(size, 1), 70'000, true);
        try {
            await(store_.put({"local://lake", fresh ? "data/p/x" : "_lakefs/x"}, *body, fresh));
            return "none";
        } catch (const Error& error) {
            return std::string(name(error.code())) + " " + error.detail();
        }
    }
    // Every file there is, but for folders.
    int files() const {
        int count = 0;
        for (const auto& found : std::filesystem::recursive_directory_iterator(folder_.path())) {
            if (found.is_regular_file()) ++count;
        }
        return count;
    }
};

TEST_F(LocalFaults, AFullDiskKeepsNothingOfABody) {
    for (const bool fresh : {true, false}) {
        for (const std::size_t size : {small, medium, large}) {
            for (const char* call :
                 {"create", "write", "write_direct", "allocate", "create_direct"}) {
                fail(call, ENOSPC);
                const std::string failure = put(size, fresh);
                fail("", 0);

                if (failure == "none") {
                    await(store_.remove({"local://lake", fresh ? "data/p/x" : "_lakefs/x"}));
                } else {
                    EXPECT_EQ(failure, "exhausted storage_full") << call;
                }
                EXPECT_EQ(files(), 0) << size << call;
            }
        }
    }
}

TEST_F(LocalFaults, AFailedSyncIsNeverAnsweredWithSuccess) {
    for (const bool fresh : {true, false}) {
        for (const std::size_t size : {small, medium, large}) {
            const bool alone = size == large;
            for (const char* call : {"sync_all", "sync_file", "sync_folder"}) {
                if (fresh && alone == (std::string_view(call) == "sync_all")) continue;
                if (!fresh && !alone && std::string_view(call) != "sync_all") continue;
                fail(call, EIO);
                const std::string failure = put(size, fresh);
                fail("", 0);

                EXPECT_EQ(failure, "unavailable ") << size << call;
                if (fresh) EXPECT_EQ(files(), 0) << size << call;
                await(store_.remove({"local://lake", "_lakefs/x"}));
            }
        }
    }
}

TEST_F(LocalFaults, AFailedRenameLeavesNothing) {
    for (const std::size_t size : {small, large}) {
        fail("rename", EIO);

        EXPECT_EQ(put(size, false), "unavailable ");
        EXPECT_EQ(files(), 0);
    }
}

TEST_F(LocalFaults, GoesThroughThePageCacheWhereDirectWritingIsRefused) {
    for (const char* call : {"create_direct", "write_direct"}) {
        for (const int calls_before : {0, 1}) {
            for (const std::size_t piece : {std::size_t{1} << 20, std::size_t{100'003}}) {
                fail(call, EINVAL, calls_before);
                const std::string bytes = pattern(20'000'001, 2);
                const auto body = pieces_of(bytes, piece, true);
                const Address address{"local://lake", "data/p/x"};

                await(store_.put(address, *body, true));

                std::optional<Opened> opened = await(store_.open(address, std::nullopt));
                const auto source = as_source(std::move(opened->body));
                EXPECT_TRUE(await(read_all(*source, 1 << 25)) == bytes) << call << piece;
                await(store_.remove(address));
            }
        }
    }
}

TEST_F(LocalFaults, ReservesNoSpaceWhereThatIsNotOffered) {
    fail("allocate", EOPNOTSUPP);

    EXPECT_EQ(put(large, true), "none");
}

TEST_F(LocalFaults, RefusesABodyOfAnotherLengthThanPromised) {
    class Liar final : public ByteSource {
    public:
        Task<Slice> next() override {
            static const std::string bytes(1 << 20, 'x');
            if (sent_++ >= 2) co_return Slice{};
            co_return Slice{nullptr, bytes};
        }
        std::optional<std::uint64_t> size() const override { return 5 << 20; }

    private:
        int sent_ = 0;
    };
    Liar body;

    EXPECT_THROW(await(store_.put({"local://lake", "data/p/x"}, body, true)), Error);
    EXPECT_EQ(files(), 0);
}

}  // namespace
}  // namespace tarn::block
