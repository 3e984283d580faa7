// The S3 driver against a store that fails on purpose.

#include <gtest/gtest.h>

#include <string>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/testing/await.h"
#include "block/multipart.h"
#include "block/s3/s3_store.h"
#include "block/testing/scripted_server.h"
#include "block/testing/store_contract.h"

namespace tarn::block {
namespace {

using namespace std::chrono_literals;

std::string fault_xml(const std::string& code, const std::string& more = "") {
    return "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code><Message>on purpose</Message>" +
           more + "</Error>";
}

ScriptedReply fault(int status, const std::string& code) {
    return {.status = status, .body = fault_xml(code)};
}

std::string etag_of(std::string_view bytes) {
    return "\"" + to_hex(as_view(md5(bytes))) + "\"";
}

// What a sound store answers to a put.
ScriptedReply stored(const ScriptedRequest& request) {
    return {.fields = {{"ETag", etag_of(request.body)}}};
}

std::string crc32c_field(std::string_view bytes) {
    const std::uint32_t crc = crc32c(0, bytes);
    std::string raw;
    for (const int shift : {24, 16, 8, 0}) raw += static_cast<char>(crc >> shift & 0xff);
    return to_base64(raw);
}

class S3Faults : public ::testing::Test {
protected:
    Workers workers_{2};
    const SystemClock clock_;
    const Address address_{"s3://bucket/lake", "data/x"};

    static S3Options options(const ScriptedServer& server) {
        S3Options options;
        options.endpoint = server.url();
        options.credentials.access_key_id = "AKIAEXAMPLE";
        options.credentials.secret_access_key = Secret("secret");
        options.retry.delay_first = 1ms;
        options.retry.delay_max = 2ms;
        options.discover_bucket_region = true;
        return options;
    }

    std::string get(const S3Options& options) {
        S3Store store(options, workers_, clock_);
        return await(read_object(store, address_, std::nullopt));
    }
    Stat put(const S3Options& options, std::string bytes) {
        S3Store store(options, workers_, clock_);
        const auto body = source_of(std::move(bytes));
        return await(store.put(address_, *body, true));
    }
    template <class F>
    static std::string failure_of(F call) {
        try {
            call();
        } catch (const Error& error) {
            return std::string(name(error.code())) + " " + error.detail();
        }
        return "none";
    }
};

TEST_F(S3Faults, ARequestThatTheStoreFailsIsSentAgain) {
    const ScriptedServer server([](const ScriptedRequest& request, int number) -> ScriptedReply {
        if (number == 1) return fault(500, "InternalError");
        if (number == 2) return {.status = 503};
        if (number == 3) return {.resets = true};
        return stored(request);
    });

    EXPECT_EQ(put(options(server), "bytes").size_bytes, 5U);

    const auto requests = server.requests();
    ASSERT_EQ(requests.size(), 4U);
    for (const auto& request : requests) EXPECT_EQ(request.body, "bytes");
}

TEST_F(S3Faults, SlowDownIsPassedOnWhenNoRetryIsLeft) {
    const ScriptedServer server([](const ScriptedRequest&, int) { return fault(503, "SlowDown"); });
    S3Options chosen = options(server);
    chosen.retry.retries_max = 2;

    EXPECT_EQ(failure_of([&] { put(chosen, "bytes"); }), "exhausted slow_down");

    EXPECT_EQ(server.requests().size(), 3U);
}

TEST_F(S3Faults, AFailingStoreIsUnavailable) {
    const ScriptedServer server(
        [](const ScriptedRequest&, int) { return fault(500, "InternalError"); });

    EXPECT_EQ(failure_of([&] { get(options(server)); }), "unavailable ");
}

TEST_F(S3Faults, AStoreThatIsNotThereIsUnavailable) {
    S3Options chosen;
    {
        const ScriptedServer server([](const ScriptedRequest&, int) { return ScriptedReply{}; });
        chosen = options(server);
    }

    EXPECT_EQ(failure_of([&] { get(chosen); }), "unavailable ");
}

TEST_F(S3Faults, ASlowStoreIsGivenUpOnAndAskedAgain) {
    const ScriptedServer server([](const ScriptedRequest&, int number) -> ScriptedReply {
        if (number == 1) return {.body = "late", .delay = 2'000ms};
        return {.body = "bytes"};
    });
    S3Options chosen = options(server);
    chosen.response_timeout = 300ms;

    EXPECT_EQ(get(chosen), "bytes");

    EXPECT_EQ(server.requests().size(), 2U);
}

TEST_F(S3Faults, ReadingGoesOnWhereAConnectionBrokeOff) {
    const std::string bytes = pattern(300'000, 6);
    const ScriptedServer server([&bytes](const ScriptedRequest& request,
                                         int number) -> ScriptedReply {
        if (number == 1) {
            return {.fields = {{"ETag", "\"e\""}}, .body = bytes, .resets_after = 100'000};
        }
        const std::size_t from = std::stoul(request.field("range").substr(6));
        return {.status = 206,
                .fields = {{"ETag", "\"e\""},
                           {"Content-Range", "bytes " + std::to_string(from) + "-299999/300000"}},
                .body = bytes.substr(from)};
    });

    EXPECT_TRUE(get(options(server)) == bytes);

    const auto requests = server.requests();
    ASSERT_EQ(requests.size(), 2U);
    EXPECT_TRUE(requests[1].field("range").ends_with("-299999")) << requests[1].field("range");
    EXPECT_EQ(requests[1].field("if-match"), "\"e\"");
}

TEST_F(S3Faults, ReadingDoesNotGoOnInAnotherObject) {
    const ScriptedServer server([](const ScriptedRequest&, int number) -> ScriptedReply {
        if (number == 1) {
            return {.fields = {{"ETag", "\"e\""}},
                    .body = pattern(300'000, 6),
                    .resets_after = 100'000};
        }
        return fault(412, "PreconditionFailed");
    });

    EXPECT_EQ(failure_of([&] { get(options(server)); }), "unavailable ");
}

TEST_F(S3Faults, BytesWithoutTheirChecksumAreNotGivenOutWhole) {
    const ScriptedServer server([](const ScriptedRequest&, int number) -> ScriptedReply {
        return {
            .fields = {{"x-amz-checksum-crc32c", crc32c_field(number == 1 ? "right" : "other")}},
            .body = "right"};
    });

    EXPECT_EQ(get(options(server)), "right");
    EXPECT_EQ(failure_of([&] { get(options(server)); }), "corrupted bad_checksum");
}

TEST_F(S3Faults, AStoreThatKeepsOtherBytesIsFoundOut) {
    const ScriptedServer server([](const ScriptedRequest& request, int number) -> ScriptedReply {
        if (number == 1) return {.fields = {{"x-amz-checksum-crc32c", crc32c_field("other")}}};
        if (number == 2) return {.fields = {{"ETag", etag_of("other")}}};
        EXPECT_EQ(request.field("x-amz-checksum-crc32c"), crc32c_field("bytes"));
        return stored(request);
    });

    EXPECT_EQ(failure_of([&] { put(options(server), "bytes"); }), "corrupted bad_checksum");
    EXPECT_EQ(failure_of([&] { put(options(server), "bytes"); }), "corrupted bad_checksum");
    EXPECT_EQ(failure_of([&] { put(options(server), "bytes"); }), "none");
}

TEST_F(S3Faults, RetriesAreBoundedOverAllRequests) {
    const ScriptedServer server(
        [](const ScriptedRequest&, int) { return fault(500, "InternalError"); });
    S3Store store(options(server), workers_, clock_);

    int failures = 0;
    await([&]() -> Task<void> {
        for (int i = 0; i < 40; ++i) {
            try {
                co_await store.stat(address_);
            } catch (const Error&) {
                ++failures;
            }
        }
    }());
    EXPECT_EQ(failures, 40);

    EXPECT_EQ(server.requests().size(), 40U + 100U);
}

TEST_F(S3Faults, ABodyThatIsNotHeldIsSentOnce) {
    const ScriptedServer server([](const ScriptedRequest&, int) { return fault(503, "SlowDown"); });
    S3Store store(options(server), workers_, clock_);
    const auto body = source_of(pattern(17 * 1024 * 1024, 1));

    const auto put_it = [&] { await(store.put_part(address_, "upload", 1, *body)); };

    EXPECT_EQ(failure_of(put_it), "exhausted slow_down");
    EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(S3Faults, ABucketIsFollowedToItsRegion) {
    const ScriptedServer server([](const ScriptedRequest& request, int) -> ScriptedReply {
        if (request.field("authorization").find("/eu-west-1/s3/") != std::string::npos) {
            return {.body = "bytes"};
        }
        if (request.method == "HEAD") {
            return {.status = 400, .fields = {{"x-amz-bucket-region", "eu-west-1"}}};
        }
        return {.status = 400,
                .body = fault_xml("AuthorizationHeaderMalformed", "<Region>eu-west-1</Region>")};
    });
    S3Store store(options(server), workers_, clock_);

    EXPECT_EQ(await(read_object(store, address_, std::nullopt)), "bytes");
    EXPECT_EQ(await(read_object(store, address_, std::nullopt)), "bytes");
    const std::string url = await(store.presign(address_, false, 60s));

    EXPECT_EQ(server.requests().size(), 3U);
    EXPECT_NE(url.find("%2Feu-west-1%2Fs3"), std::string::npos) << url;
}

TEST_F(S3Faults, ABucketsRegionIsAskedForBeforeAUrlIsSigned) {
    const ScriptedServer server([](const ScriptedRequest&, int) -> ScriptedReply {
        return {.status = 403, .fields = {{"x-amz-bucket-region", "eu-west-1"}}};
    });
    S3Store store(options(server), workers_, clock_);

    const std::string url = await(store.presign(address_, false, 60s));

    EXPECT_NE(url.find("%2Feu-west-1%2Fs3"), std::string::npos) << url;
}

TEST_F(S3Faults, EncryptionAndStorageClassAreAskedFor) {
    const ScriptedServer server(
        [](const ScriptedRequest& request, int) { return stored(request); });
    S3Options chosen = options(server);
    chosen.encryption = "aws:kms";
    chosen.encryption_key_id = "key-1";
    chosen.storage_class = "STANDARD_IA";

    put(chosen, "bytes");

    const ScriptedRequest request = server.requests().at(0);
    EXPECT_EQ(request.field("x-amz-server-side-encryption"), "aws:kms");
    EXPECT_EQ(request.field("x-amz-server-side-encryption-aws-kms-key-id"), "key-1");
    EXPECT_EQ(request.field("x-amz-storage-class"), "STANDARD_IA");
    EXPECT_NE(request.field("authorization").find("x-amz-storage-class"), std::string::npos);
}

// A store that has joined `part` and no longer knows the upload; the first answer is lost.
ScriptedReply joined(const ScriptedRequest& request, const Part& part, int number) {
    const std::string etag = multipart_etag(std::vector<Part>{part});
    if (request.method == "HEAD")
        return {.fields = {{"ETag", "\"" + etag + "\""}, {"Content-Length", "4"}}};
    if (number == 1) return {.resets = true};
    return fault(404, "NoSuchUpload");
}

TEST_F(S3Faults, ACompletionWhoseAnswerWasLostIsRecognised) {
    const Part part{1, to_hex(as_view(md5("part"))), 4, Time{}};
    const ScriptedServer server([&part](const ScriptedRequest& request, int number) {
        return joined(request, part, number);
    });
    S3Store store(options(server), workers_, clock_);

    const Completed done = await(store.complete_upload(address_, "upload", {part}));

    EXPECT_EQ(done.etag, multipart_etag(std::vector<Part>{part}));
    EXPECT_EQ(done.stat.size_bytes, 4U);
}

TEST_F(S3Faults, AnUnknownUploadIsNotTakenForACompletedOne) {
    const Part part{1, to_hex(as_view(md5("part"))), 4, Time{}};
    const ScriptedServer server([&part](const ScriptedRequest& request, int number) {
        return joined(request, part, number);
    });
    S3Store store(options(server), workers_, clock_);
    const Part other{1, to_hex(as_view(md5("other"))), 5, Time{}};

    const auto complete = [&] { await(store.complete_upload(address_, "upload", {other})); };

    EXPECT_EQ(failure_of(complete), "not_found no_such_upload");
}

TEST_F(S3Faults, AFailureInAGoodAnswerIsAFailure) {
    const Part part{1, to_hex(as_view(md5("part"))), 4, Time{}};
    const ScriptedServer server([](const ScriptedRequest&, int) -> ScriptedReply {
        return {.body = fault_xml("InternalError")};
    });
    S3Store store(options(server), workers_, clock_);

    const auto complete = [&] { await(store.complete_upload(address_, "upload", {part})); };

    EXPECT_EQ(failure_of(complete), "unavailable ");
    EXPECT_EQ(server.requests().size(), 6U);
}

}  // namespace
}  // namespace tarn::block
