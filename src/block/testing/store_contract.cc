#include "block/testing/store_contract.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/testing/await.h"

namespace tarn::block {
namespace {

constexpr std::size_t mebibyte = 1024 * 1024;
constexpr std::size_t part_bytes_min = 5 * mebibyte;  // S3's, of all parts but the last

class PieceSource final : public ByteSource {
public:
    PieceSource(std::string bytes, std::size_t piece, bool sized, std::size_t fail_after)
        : bytes_(std::make_shared<const std::string>(std::move(bytes))),
          piece_(piece),
          sized_(sized),
          fail_after_(fail_after) {}

    Task<Slice> next() override {
        if (at_ >= fail_after_) throw Error(Code::invalid_argument, "the sender lied", "broken");
        const std::size_t size = std::min(piece_, bytes_->size() - at_);
        const Slice slice{bytes_, std::string_view(*bytes_).substr(at_, size)};
        at_ += size;
        co_return slice;
    }

    std::optional<std::uint64_t> size() const override {
        if (!sized_) return std::nullopt;
        return bytes_->size();
    }

private:
    const std::shared_ptr<const std::string> bytes_;
    const std::size_t piece_;
    const bool sized_;
    const std::size_t fail_after_;
    std::size_t at_ = 0;
};

template <class F>
std::string failure_of(F call) {
    try {
        call();
    } catch (const Error& error) {
        return std::string(name(error.code())) + " " + error.detail();
    }
    return "none";
}

std::string hex_md5(std::string_view bytes) {
    return to_hex(as_view(md5(bytes)));
}

}  // namespace

std::string pattern(std::size_t size, unsigned seed) {
    std::string bytes(size, '\0');
    std::uint32_t state = seed * 2'654'435'761U + 1;
    for (char& byte : bytes) {
        state = state * 1'664'525U + 1'013'904'223U;
        byte = static_cast<char>(state >> 24);
    }
    return bytes;
}

std::unique_ptr<ByteSource> pieces_of(std::string bytes, std::size_t piece, bool sized,
                                      std::size_t fail_after) {
    return std::make_unique<PieceSource>(std::move(bytes), piece, sized, fail_after);
}

Stat StoreContract::put(std::string key, std::string bytes, bool fresh) {
    const auto body = source_of(std::move(bytes));
    return await(store_.put(at(std::move(key)), *body, fresh));
}

Task<std::string> read_object(Store& store, Address address, std::optional<Range> range) {
    std::optional<Opened> opened = co_await store.open(std::move(address), range);
    if (!opened) co_return "(absent)";
    const auto source = as_source(std::move(opened->body));
    co_return co_await read_all(*source, 64 * mebibyte);
}

std::string StoreContract::get(std::string key, std::optional<Range> range) {
    return await(read_object(store_, at(std::move(key)), range));
}

Part StoreContract::put_part(const Address& address, const std::string& upload, int number,
                             std::string bytes) {
    const auto body = source_of(std::move(bytes));
    return await(store_.put_part(address, upload, number, *body));
}

bool StoreContract::is_same_time(Time left, Time right) const {
    return std::chrono::abs(left - right) <= opened_->modified_tolerance();
}

std::vector<std::string> StoreContract::keys(std::string prefix, std::string after, int limit) {
    const ListPage page = await(store_.list(opened_->storage_namespace(), prefix, after, limit));
    std::vector<std::string> found;
    for (const Listed& listed : page.objects) found.push_back(listed.key);
    if (page.more) found.push_back("...");
    return found;
}

// Other programs link this file for its helpers only.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StoreContract);

TEST_P(StoreContract, OpensNothingUnderAKeyNeverPut) {
    EXPECT_EQ(get("data/p/x"), "(absent)");
    EXPECT_EQ(await(store_.stat(at("data/p/x"))), std::nullopt);
}

TEST_P(StoreContract, ReturnsTheBytesThatWerePut) {
    for (const std::size_t size : {0, 1, 4096, 65'536, 65'537, 1'048'576, 5'000'001}) {
        const std::string key = "data/p/" + std::to_string(size);
        const std::string bytes = pattern(size, 7);

        const Stat stat = put(key, bytes, true);

        EXPECT_EQ(stat.size_bytes, size);
        EXPECT_TRUE(get(key) == bytes) << size;
        EXPECT_EQ(await(store_.stat(at(key)))->size_bytes, size);
        EXPECT_TRUE(is_same_time(await(store_.stat(at(key)))->modified, stat.modified));
    }
}

TEST_P(StoreContract, TakesBodiesInPiecesOfAnySize) {
    const std::string bytes = pattern(3 * mebibyte + 123, 3);
    int number = 0;
    for (const std::size_t piece : {mebibyte, std::size_t{65'536}, std::size_t{100'003}}) {
        for (const bool sized : {true, false}) {
            for (const std::size_t size : {bytes.size(), std::size_t{200'000}}) {
                const std::string key = "data/p/" + std::to_string(number++);
                const auto body = pieces_of(bytes.substr(0, size), piece, sized);

                await(store_.put(at(key), *body, true));

                EXPECT_TRUE(get(key) == bytes.substr(0, size)) << piece << sized << size;
            }
        }
    }
}

TEST_P(StoreContract, KeepsNothingOfABodyThatFails) {
    for (const std::size_t piece : {std::size_t{1000}, mebibyte}) {
        const auto body = pieces_of(pattern(4 * mebibyte, 1), piece, true, 3 * piece);

        const auto put_it = [&] { await(store_.put(at("data/p/broken"), *body, true)); };

        EXPECT_EQ(failure_of(put_it), "invalid_argument broken");
        EXPECT_EQ(get("data/p/broken"), "(absent)");
    }
}

TEST_P(StoreContract, ABodyThatFailsLeavesThePreviousObject) {
    put("_lakefs/x", "before");
    const auto body = pieces_of(pattern(4 * mebibyte, 1), mebibyte, false, 2 * mebibyte);

    EXPECT_EQ(failure_of([&] { await(store_.put(at("_lakefs/x"), *body, false)); }),
              "invalid_argument broken");

    EXPECT_EQ(get("_lakefs/x"), "before");
}

TEST_P(StoreContract, ReplacesAnObject) {
    put("_lakefs/x", "before");

    put("_lakefs/x", "after");

    EXPECT_EQ(get("_lakefs/x"), "after");
}

TEST_P(StoreContract, ReadsExactlyTheRange) {
    const std::string bytes = pattern(200'000, 5);
    put("data/p/x", bytes, true);

    EXPECT_EQ(get("data/p/x", Range{0, 0}), bytes.substr(0, 1));
    EXPECT_EQ(get("data/p/x", Range{199'999, 199'999}), bytes.substr(199'999));
    EXPECT_TRUE(get("data/p/x", Range{1000, 150'000}) == bytes.substr(1000, 149'001));
    const auto beyond = [&] { get("data/p/x", Range{199'999, 200'000}); };
    EXPECT_EQ(failure_of(beyond), "invalid_argument invalid_range");
}

TEST_P(StoreContract, RemovesAnObjectOnceAndForgivesTheSecondTime) {
    put("data/p/x", "bytes", true);

    await(store_.remove(at("data/p/x")));
    await(store_.remove(at("data/p/x")));

    EXPECT_EQ(get("data/p/x"), "(absent)");
}

TEST_P(StoreContract, RemovesManyObjectsOfWhichSomeAreAbsent) {
    for (const char* key : {"data/a", "data/b <&> \"c\"", "data/d"}) put(key, "bytes", true);

    await(store_.remove_all(opened_->storage_namespace(),
                            {"data/a", "data/b <&> \"c\"", "data/absent"}));

    EXPECT_EQ(keys("", "", 10), std::vector<std::string>{"data/d"});
}

TEST_P(StoreContract, CopiesAnObject) {
    for (const std::size_t size : {std::size_t{10}, 3 * mebibyte + 5}) {
        const std::string bytes = pattern(size, 9);
        put("data/p/from", bytes);

        const Stat stat = await(store_.copy(at("data/p/from"), at("data/p/to")));

        EXPECT_EQ(stat.size_bytes, size);
        EXPECT_TRUE(get("data/p/to") == bytes);
    }
}

TEST_P(StoreContract, CannotCopyAnAbsentObject) {
    const auto copy = [&] { await(store_.copy(at("data/p/from"), at("data/p/to"))); };

    EXPECT_EQ(failure_of(copy), "not_found no_such_object");
}

TEST_P(StoreContract, TellsNamespacesApart) {
    put("x", "one");
    const Address other{opened_->storage_namespace() + "-other", "x"};

    EXPECT_EQ(await(store_.stat(other)), std::nullopt);
}

TEST_P(StoreContract, RefusesAddressesOutsideOfTheStore) {
    EXPECT_EQ(failure_of([&] { await(store_.stat({"gs://bucket", "x"})); }),
              "invalid_argument invalid_address");
    EXPECT_EQ(failure_of([&] { await(store_.stat(at(""))); }), "invalid_argument invalid_address");
}

TEST_P(StoreContract, ListsInByteOrderOfWholeKeys) {
    const std::string last = opened_->takes_any_byte() ? "b/\xff" : "b/\xc3\xbf";
    for (const std::string& key : {std::string("a/x"), std::string("a.b"), std::string("a/b/c"),
                                   std::string("a0"), last, std::string("b/z")}) {
        put(key, key);
    }

    const std::vector<std::string> all{"a.b", "a/b/c", "a/x", "a0", "b/z", last};
    EXPECT_EQ(keys("", "", 100), all);
    EXPECT_EQ(keys("a/", "", 100), (std::vector<std::string>{"a/b/c", "a/x"}));
    EXPECT_EQ(keys("a/b", "", 100), (std::vector<std::string>{"a/b/c"}));
    EXPECT_EQ(keys("a", "a/b", 100), (std::vector<std::string>{"a/b/c", "a/x", "a0"}));
    EXPECT_EQ(keys("", "a/b/c", 2), (std::vector<std::string>{"a/x", "a0", "..."}));
    EXPECT_EQ(keys("", "a0", 2), (std::vector<std::string>{"b/z", last}));
    EXPECT_EQ(keys("zz", "", 2), (std::vector<std::string>{}));
    EXPECT_EQ(keys("zz/yy/", "", 2), (std::vector<std::string>{}));
}

TEST_P(StoreContract, ListsWhatIsKnownOfEachObject) {
    const Stat stat = put("data/p/x", "bytes", true);

    const ListPage page = await(store_.list(opened_->storage_namespace(), "data/", "", 10));

    ASSERT_EQ(page.objects.size(), 1U);
    EXPECT_EQ(page.objects[0].size_bytes, 5U);
    EXPECT_TRUE(is_same_time(page.objects[0].modified, stat.modified));
}

TEST_P(StoreContract, JoinsExactlyThePartsThatAreListed) {
    const Address address = at("data/p/joined");
    const std::string upload = await(store_.begin_upload(address));
    const Part third = put_part(address, upload, 3, "three");
    const Part first = put_part(address, upload, 1, pattern(part_bytes_min + 1, 1));
    put_part(address, upload, 2, "two");

    const Completed done = await(store_.complete_upload(address, upload, {first, third}));

    EXPECT_TRUE(get("data/p/joined") == pattern(part_bytes_min + 1, 1) + "three");
    EXPECT_EQ(done.stat.size_bytes, part_bytes_min + 6);
    const std::string digests = *from_hex(first.etag) + *from_hex(third.etag);
    EXPECT_EQ(done.etag, hex_md5(digests) + "-2");
}

TEST_P(StoreContract, APartOfTheSameNumberReplacesTheEarlierOne) {
    const Address address = at("data/p/joined");
    const std::string upload = await(store_.begin_upload(address));
    put_part(address, upload, 1, "old");

    const Part part = put_part(address, upload, 1, "new");

    EXPECT_EQ(part.etag, hex_md5("new"));
    EXPECT_EQ(part.size_bytes, 3U);
    await(store_.complete_upload(address, upload, {part}));
    EXPECT_EQ(get("data/p/joined"), "new");
}

TEST_P(StoreContract, CopiesAStretchOfAnObjectIntoAPart) {
    put("data/p/source", "0123456789", true);
    const Address address = at("data/p/joined");
    const std::string upload = await(store_.begin_upload(address));

    const Part part = await(store_.copy_part(address, upload, 1, at("data/p/source"), Range{2, 4}));

    EXPECT_EQ(part.etag, hex_md5("234"));
    await(store_.complete_upload(address, upload, {part}));
    EXPECT_EQ(get("data/p/joined"), "234");
}

TEST_P(StoreContract, ListsPartsByNumberInPages) {
    const Address address = at("data/p/joined");
    const std::string upload = await(store_.begin_upload(address));
    for (const int number : {10'000, 7, 12}) put_part(address, upload, number, "part");

    const PartPage first = await(store_.list_parts(address, upload, 0, 2));
    const PartPage second = await(store_.list_parts(address, upload, 12, 2));

    ASSERT_EQ(first.parts.size(), 2U);
    EXPECT_EQ(first.parts[0].number, 7);
    EXPECT_EQ(first.parts[0].etag, hex_md5("part"));
    EXPECT_EQ(first.parts[0].size_bytes, 4U);
    EXPECT_EQ(first.parts[1].number, 12);
    EXPECT_TRUE(first.more);
    ASSERT_EQ(second.parts.size(), 1U);
    EXPECT_EQ(second.parts[0].number, 10'000);
    EXPECT_FALSE(second.more);
}

TEST_P(StoreContract, RefusesToJoinPartsThatWereNotUploadedSo) {
    const Address address = at("data/p/joined");
    const std::string upload = await(store_.begin_upload(address));
    const Part one = put_part(address, upload, 1, pattern(part_bytes_min, 1));
    const Part two = put_part(address, upload, 2, "two");
    Part absent = two;
    absent.number = 3;
    Part other = two;
    other.etag = one.etag;
    const auto complete = [&](std::vector<Part> parts) {
        return failure_of([&] { await(store_.complete_upload(address, upload, parts)); });
    };

    EXPECT_EQ(complete({one, absent}), "invalid_argument invalid_part");
    EXPECT_EQ(complete({one, other}), "invalid_argument invalid_part");
    EXPECT_EQ(complete({}), "invalid_argument invalid_part");
    EXPECT_EQ(complete({two, one}), "invalid_argument invalid_part_order");
    EXPECT_EQ(complete({one, one}), "invalid_argument invalid_part_order");
    EXPECT_EQ(get("data/p/joined"), "(absent)");
    EXPECT_EQ(complete({one, two}), "none");
}

TEST_P(StoreContract, JoinsAgainForOneWhoDidNotHearTheAnswer) {
    const Address address = at("data/p/joined");
    const std::string upload = await(store_.begin_upload(address));
    const Part one = put_part(address, upload, 1, pattern(part_bytes_min, 1));
    const Part two = put_part(address, upload, 2, "two");
    const Completed first = await(store_.complete_upload(address, upload, {one, two}));

    const Completed again = await(store_.complete_upload(address, upload, {one, two}));

    EXPECT_EQ(again.etag, first.etag);
    EXPECT_EQ(again.stat.size_bytes, part_bytes_min + 3);
    EXPECT_EQ(get("data/p/joined").size(), part_bytes_min + 3);
}

TEST_P(StoreContract, RefusesPartNumbersOutsideOfTheLimits) {
    const Address address = at("data/p/joined");
    const std::string upload = await(store_.begin_upload(address));
    const auto put_number = [&](int number) {
        return failure_of([&] { put_part(address, upload, number, "part"); });
    };

    EXPECT_EQ(put_number(0), "invalid_argument invalid_part_number");
    EXPECT_EQ(put_number(10'001), "invalid_argument invalid_part_number");
}

TEST_P(StoreContract, AnAbortedUploadCannotBeCompleted) {
    const Address address = at("data/p/joined");
    const std::string upload = await(store_.begin_upload(address));
    const Part part = put_part(address, upload, 1, "part");

    await(store_.abort_upload(address, upload));
    await(store_.abort_upload(address, upload));

    const auto complete = [&] { await(store_.complete_upload(address, upload, {part})); };
    EXPECT_EQ(failure_of(complete), "not_found no_such_upload");
}

TEST_P(StoreContract, KnowsNoUploadItDidNotBegin) {
    const Address address = at("data/p/joined");
    const Part part{1, hex_md5("x"), 1, Time{}};
    const auto put_it = [&] { put_part(address, "../../etc/passwd", 1, "x"); };
    const auto list = [&] { await(store_.list_parts(address, "no-such-upload", 0, 10)); };
    const auto complete = [&] { await(store_.complete_upload(address, "nothing", {part})); };

    EXPECT_EQ(failure_of(put_it), "not_found no_such_upload");
    EXPECT_EQ(failure_of(list), "not_found no_such_upload");
    EXPECT_EQ(failure_of(complete), "not_found no_such_upload");
}

}  // namespace tarn::block
