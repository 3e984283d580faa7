#include "block/s3/s3_store.h"

#include <gtest/gtest.h>

#include <string>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/testing/await.h"
#include "block/testing/store_contract.h"
#include "block/testing/versity_gateway.h"
#include "http/client.h"

namespace tarn::block {
namespace {

constexpr std::size_t mebibyte = 1024 * 1024;

// One server for all tests of the program; a bucket for each.
VersityGateway& gateway() {
    static VersityGateway running;
    return running;
}

std::string new_bucket() {
    static int number = 0;
    std::string name = "bucket-" + std::to_string(++number);
    gateway().make_bucket(name);
    return name;
}

S3Options small_parts() {
    S3Options options = gateway().options();
    options.part_bytes = 5 * mebibyte;
    return options;
}

class OpenedS3Store final : public OpenedStore {
public:
    Store& store() override { return store_; }
    std::string storage_namespace() const override { return "s3://" + bucket_ + "/of-tests"; }
    bool takes_any_byte() const override { return false; }
    // Its clock ticks in seconds, and a put tells the time of its answer.
    std::chrono::nanoseconds modified_tolerance() const override { return std::chrono::seconds(5); }

private:
    const std::string bucket_ = new_bucket();
    Workers workers_{2};
    const SystemClock clock_;
    S3Store store_{small_parts(), workers_, clock_};
};

INSTANTIATE_TEST_SUITE_P(S3, StoreContract, ::testing::Values(OpenStore([] {
                             return std::make_unique<OpenedS3Store>();
                         })));

class S3StoreTest : public ::testing::Test {
protected:
    const std::string bucket_ = new_bucket();
    Workers workers_{2};
    const SystemClock clock_;
    S3Store store_{small_parts(), workers_, clock_};

    Address at(std::string key) const { return {"s3://" + bucket_ + "/lake/", std::move(key)}; }

    std::string get(const Address& address) {
        return await(read_object(store_, address, std::nullopt));
    }
};

// What an HTTP client without credentials gets for a URL.
std::pair<int, std::string> ask(std::string method, const std::string& url, std::string body) {
    http::Client client({});
    const auto talk = [&]() -> Task<std::pair<int, std::string>> {
        const std::size_t slash = url.find('/', url.find("://") + 3);
        http::OutgoingRequest request;
        request.method = std::move(method);
        request.url = url.substr(0, slash);
        request.target = url.substr(slash);
        const auto source = source_of(std::move(body));
        if (request.method == "PUT") request.body = source.get();
        http::IncomingResponse answer = co_await client.send(std::move(request));
        std::string text = co_await read_all(*answer.body, mebibyte);
        co_return std::pair(answer.status, text);
    };
    return await(talk());
}

TEST_F(S3StoreTest, PutsLargeBodiesInPartsWhetherTheirSizeIsKnownOrNot) {
    const std::string bytes = pattern(17 * mebibyte + 5, 4);
    for (const bool sized : {true, false}) {
        const Address address = at(sized ? "sized" : "unsized");
        const auto body = pieces_of(bytes, 700'001, sized);

        const Stat stat = await(store_.put(address, *body, true));

        EXPECT_EQ(stat.size_bytes, bytes.size());
        EXPECT_TRUE(get(address) == bytes) << sized;
        const ListPage page = await(store_.list(at("").storage_namespace, "", "", 10));
        ASSERT_FALSE(page.objects.empty());
        EXPECT_TRUE(page.objects.back().etag.ends_with("-4")) << page.objects.back().etag;
    }
}

TEST_F(S3StoreTest, LeavesNothingOfALargeBodyThatFails) {
    const auto body = pieces_of(pattern(17 * mebibyte, 4), mebibyte, true, 12 * mebibyte);

    EXPECT_THROW(await(store_.put(at("broken"), *body, true)), Error);

    EXPECT_EQ(get(at("broken")), "(absent)");
}

TEST_F(S3StoreTest, PutsOnWhenThereIsNoMemoryForParts) {
    S3Options options = small_parts();
    options.upload_memory_bytes = 1;
    S3Store store(options, workers_, clock_);
    for (const std::size_t size : {mebibyte, 11 * mebibyte}) {
        const std::string bytes = pattern(size, 2);
        const auto body = pieces_of(bytes, 100'000, true);

        await(store.put(at("tight"), *body, true));

        EXPECT_TRUE(get(at("tight")) == bytes) << size;
    }
}

TEST_F(S3StoreTest, KeepsKeysAsTheyAre) {
    for (const char* key : {"a b+c%2Fd", "ü/é", "x?y#z&=", "(1)'!*$@:,;", "a.b/..c"}) {
        const auto body = source_of(key);

        await(store_.put(at(key), *body, true));

        EXPECT_EQ(get(at(key)), key);
    }
}

TEST_F(S3StoreTest, PresignedUrlsWorkWithoutCredentials) {
    const std::string put = await(store_.presign(at("p q"), true, std::chrono::seconds(60)));
    EXPECT_EQ(ask("PUT", put, "given").first, 200);

    const std::string got = await(store_.presign(at("p q"), false, std::chrono::seconds(60)));

    EXPECT_EQ(ask("GET", got, ""), std::pair(200, std::string("given")));
    EXPECT_EQ(ask("PUT", got, "other").first, 403);
    EXPECT_EQ(get(at("p q")), "given");
}

TEST_F(S3StoreTest, PresignedPartsMakeAnObject) {
    const std::string upload = await(store_.begin_upload(at("joined")));
    const std::string url =
        await(store_.presign_part(at("joined"), upload, 1, std::chrono::seconds(60)));
    ASSERT_EQ(ask("PUT", url, "part").first, 200);
    const Part part{1, to_hex(as_view(md5("part"))), 4, Time{}};

    await(store_.complete_upload(at("joined"), upload, {part}));

    EXPECT_EQ(get(at("joined")), "part");
}

TEST_F(S3StoreTest, TellsThatABucketIsMissing) {
    const auto body = source_of("bytes");
    try {
        await(store_.put({"s3://no-such-bucket", "x"}, *body, true));
        FAIL() << "stored";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::invalid_argument);
        EXPECT_EQ(error.detail(), "no_such_bucket");
    }
}

TEST_F(S3StoreTest, TellsThatItIsNotLetIn) {
    S3Options options = small_parts();
    options.credentials.secret_access_key = Secret("another");
    S3Store store(options, workers_, clock_);
    try {
        await(store.stat(at("x")));
        FAIL() << "found";
    } catch (const Error& error) {
        EXPECT_EQ(error.detail(), "store_refused");
        EXPECT_EQ(error.message().find("another"), std::string::npos);
    }
}

}  // namespace
}  // namespace tarn::block
