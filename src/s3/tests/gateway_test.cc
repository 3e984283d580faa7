#include "s3/gateway.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/testing/await.h"
#include "block/memory/memory_store.h"
#include "kv/memory/memory_store.h"
#include "signature/dates.h"
#include "signature/sign.h"
#include "versions/history.h"

namespace tarn::s3 {
namespace {

constexpr std::string_view access_key = "AKIAIOSFODNN7EXAMPLE";
constexpr std::string_view secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

// A request made in a test, signed unless told otherwise.
class SignedRequest final : public http::Request {
public:
    using Headers = std::vector<std::pair<std::string, std::string>>;

    SignedRequest(std::string method, std::string target, std::string body = "",
                  Headers headers = {}, std::string_view secret = secret_key)
        : method_(std::move(method)), target_(std::move(target)), headers_(std::move(headers)) {
        const Time now = SystemClock().now();
        headers_.emplace_back("Host", "localhost:8000");
        headers_.emplace_back("Content-Length", std::to_string(body.size()));
        headers_.emplace_back("x-amz-date", signature::format_timestamp(now));
        headers_.emplace_back("x-amz-content-sha256", to_hex(as_view(sha256(body))));
        body_ = source_of(std::move(body));
        view();
        const signature::Credentials credentials{std::string(access_key),
                                                 Secret(std::string(secret)), "us-east-1"};
        headers_.emplace_back(
            "Authorization",
            signature::sign_header({method_, path(), query(), fields_, ""}, credentials, now));
        view();
    }
    std::string_view method() const override { return method_; }
    std::string_view target() const override { return target_; }
    std::span<const http::FieldView> fields() const override { return fields_; }
    std::string_view peer_address() const override { return "127.0.0.1"; }
    bool is_tls() const override { return false; }
    std::string_view id() const override { return "0f8fad5b-d9cb-469f-a165-70867728950e"; }
    ByteSource& body() override {
        was_read = true;
        return *body_;
    }

    bool was_read = false;

private:
    void view() { fields_.assign(headers_.begin(), headers_.end()); }

    std::string method_;
    std::string target_;
    Headers headers_;
    std::vector<http::FieldView> fields_;
    std::unique_ptr<ByteSource> body_;
};

struct Answer {
    int status = 0;
    http::Fields fields;
    std::string body;

    std::string field(std::string_view name) const {
        return std::string(fields.find(name).value_or("(none)"));
    }
    bool has(std::string_view text) const { return body.find(text) != body.npos; }
};

class GatewayTest : public ::testing::Test {
protected:
    GatewayTest() {
        await(auth_.setup(
            "admin", auth::GivenKey{std::string(access_key), Secret(std::string(secret_key))}));
        refs::Repository repository;
        repository.id = "repo";
        repository.storage_namespace = "mem://repo";
        repository.default_branch = "main";
        repository_ = await(refs_.create_repository(repository, false));
    }

    Answer send(http::Request& request) { return await(answer(gateway_, request)); }
    Answer send(std::string method, std::string target, std::string body = "",
                SignedRequest::Headers headers = {}) {
        SignedRequest request(std::move(method), std::move(target), std::move(body),
                              std::move(headers));
        return send(request);
    }

    static Task<Answer> answer(Gateway& gateway, http::Request& request) {
        auto response = co_await gateway.handle(request);
        Answer got{response.status, std::move(response.fields), {}};
        const auto body = as_source(std::move(response.body));
        got.body = co_await read_all(*body, 1024 * 1024);
        co_return got;
    }

    void commit() {
        versions::CommitRequest request;
        request.branch = "main";
        request.committer = "admin";
        request.message = "test";
        await(versions::commit(stores_, repository_, request));
    }

    SystemClock clock_;
    Workers workers_{2};
    kv::MemoryStore kv_;
    block::MemoryStore blocks_{clock_};
    auth::Auth auth_{kv_, clock_, {.secret_key = Secret("secret")}};
    refs::Refs refs_{kv_, clock_};
    staging::Cleaner cleaner_{kv_};
    committed::Trees trees_{blocks_, workers_, {}};
    versions::Hints hints_{clock_};
    versions::SilentObserver observer_;
    versions::Stores stores_{kv_, refs_, trees_, cleaner_, hints_, workers_, clock_, observer_};
    catalog::Catalog catalog_{stores_, blocks_, {}};
    Gateway gateway_{{}, auth_, catalog_, workers_, clock_};
    refs::Repository repository_;
};

TEST_F(GatewayTest, ReadsWhatWasWrittenAndForgetsWhatWasDeleted) {
    const auto put = send("PUT", "/repo/main/a%20b", "hello", {{"x-amz-meta-k", "v"}});
    const auto get = send("GET", "/repo/main/a%20b");
    const auto head = send("HEAD", "/repo/main/a%20b");
    const auto removed = send("DELETE", "/repo/main/a%20b");
    const auto gone = send("GET", "/repo/main/a%20b");

    EXPECT_EQ(put.status, 200);
    EXPECT_EQ(put.field("ETag"), "\"5d41402abc4b2a76b9719d911017c592\"");
    EXPECT_EQ(get.body, "hello");
    EXPECT_EQ(get.field("x-amz-meta-k"), "v");
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(removed.status, 204);
    EXPECT_EQ(gone.status, 404);
    EXPECT_TRUE(gone.has("<Code>NoSuchKey</Code>"));
}

TEST_F(GatewayTest, RefusesAWrongSignatureBeforeItReadsTheBody) {
    SignedRequest request("PUT", "/repo/main/a", "hello", {}, "another secret");

    const auto put = send(request);

    EXPECT_EQ(put.status, 403);
    EXPECT_TRUE(put.has("<Code>SignatureDoesNotMatch</Code>"));
    EXPECT_FALSE(request.was_read);
}

TEST_F(GatewayTest, RefusesAWriteToAMissingBranchOrABrokenConditionBeforeItReadsTheBody) {
    send("PUT", "/repo/main/a", "old");
    SignedRequest missing("PUT", "/repo/nobranch/a", "new");
    SignedRequest broken("PUT", "/repo/main/a", "new", {{"If-None-Match", "*"}});

    const auto to_missing = send(missing);
    const auto to_broken = send(broken);

    EXPECT_EQ(to_missing.status, 404);
    EXPECT_TRUE(to_missing.has("NoSuchBucket"));
    EXPECT_FALSE(missing.was_read);
    EXPECT_EQ(to_broken.status, 412);
    EXPECT_FALSE(broken.was_read);
    EXPECT_EQ(send("GET", "/repo/main/a").body, "old");
}

TEST_F(GatewayTest, AnswersConditionsAndRangesOfReads) {
    send("PUT", "/repo/main/a", "0123456789");
    const auto etag = send("HEAD", "/repo/main/a").field("ETag");

    EXPECT_EQ(send("GET", "/repo/main/a", "", {{"If-None-Match", etag}}).status, 304);
    EXPECT_EQ(send("GET", "/repo/main/a", "", {{"If-Match", "\"x\""}}).status, 412);
    const auto part = send("GET", "/repo/main/a", "", {{"Range", "bytes=2-4"}});
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.body, "234");
    EXPECT_EQ(part.field("Content-Range"), "bytes 2-4/10");
    const auto behind = send("GET", "/repo/main/a", "", {{"Range", "bytes=10-"}});
    EXPECT_EQ(behind.status, 416);
    EXPECT_EQ(behind.field("Content-Range"), "bytes */10");
}

TEST_F(GatewayTest, KeepsTheOldObjectWhenAnUploadIsDamaged) {
    send("PUT", "/repo/main/a", "old");

    const auto put =
        send("PUT", "/repo/main/a", "new", {{"Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg=="}});

    EXPECT_EQ(put.status, 400);
    EXPECT_TRUE(put.has("<Code>BadDigest</Code>"));
    EXPECT_EQ(send("GET", "/repo/main/a").body, "old");
}

TEST_F(GatewayTest, NeverWritesThroughASubresource) {
    send("PUT", "/repo/main/a", "original");

    for (const auto* sub : {"retention", "renameObject", "select", "foo"}) {
        const auto put = send("PUT", std::string("/repo/main/a?") + sub, "<x/>");
        EXPECT_EQ(put.status, 501) << sub;
    }
    EXPECT_EQ(send("GET", "/repo/main/a").body, "original");
}

TEST_F(GatewayTest, ListsOneRefByItsPrefixAndAllBranchesWithoutOne) {
    send("PUT", "/repo/main/a", "1");
    send("PUT", "/repo/main/d/x", "2");
    commit();
    await(refs_.create_branch(repository_, "dev", "main", false));

    const auto below = send("GET", "/repo?list-type=2&prefix=main/&delimiter=/");
    const auto all = send("GET", "/repo?list-type=2");
    const auto branches = send("GET", "/repo?list-type=2&delimiter=/");

    EXPECT_TRUE(below.has("<Key>main/a</Key>"));
    EXPECT_TRUE(below.has("<CommonPrefixes><Prefix>main/d/</Prefix></CommonPrefixes>"));
    EXPECT_TRUE(all.has("<Key>dev/d/x</Key>"));
    EXPECT_TRUE(all.has("<KeyCount>4</KeyCount>"));
    EXPECT_FALSE(all.has("CommonPrefixes"));
    EXPECT_TRUE(branches.has("<Prefix>dev/</Prefix>"));
    EXPECT_FALSE(branches.has("<Contents>"));
}

TEST_F(GatewayTest, WalksAllPagesOfAllBranchesWithoutLossOrRepetition) {
    for (const auto* key : {"a", "b", "d/x"}) send("PUT", std::string("/repo/main/") + key, "1");
    commit();
    await(refs_.create_branch(repository_, "main-2", "main", false));
    await(refs_.create_branch(repository_, "dev", "main", false));
    std::string keys, token;
    for (int page = 0; page < 20; ++page) {
        const auto more = token.empty() ? "" : "&continuation-token=" + percent_encode(token);
        const auto answer = send("GET", "/repo?list-type=2&max-keys=2" + more);
        for (auto at = answer.body.find("<Key>"); at != std::string::npos;
             at = answer.body.find("<Key>", at + 1)) {
            const auto end = answer.body.find('<', at + 1);
            keys += answer.body.substr(at + 5, end - at - 5) + " ";
        }
        const auto next = answer.body.find("<NextContinuationToken>");
        if (next == std::string::npos) break;
        const auto end = answer.body.find('<', next + 1);
        token = answer.body.substr(next + 23, end - next - 23);
    }

    EXPECT_EQ(keys, "dev/a dev/b dev/d/x main-2/a main-2/b main-2/d/x main/a main/b main/d/x ");
}

std::string upload_id_in(const Answer& answer) {
    const auto at = answer.body.find("<UploadId>") + 10;
    return answer.body.substr(at, answer.body.find('<', at) - at);
}

TEST_F(GatewayTest, JoinsPartsAndAnswersACompletionAgain) {
    const auto id = upload_id_in(send("POST", "/repo/main/mp?uploads"));
    const auto part = send("PUT", "/repo/main/mp?partNumber=1&uploadId=" + id, "only part");
    const auto other = send("PUT", "/repo/main/other?partNumber=1&uploadId=" + id, "x");
    const std::string list = "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" +
                             part.field("ETag") + "</ETag></Part></CompleteMultipartUpload>";

    const auto completed = send("POST", "/repo/main/mp?uploadId=" + id, list);
    const auto again = send("POST", "/repo/main/mp?uploadId=" + id, list);

    EXPECT_EQ(other.status, 404);
    EXPECT_EQ(completed.status, 200);
    EXPECT_TRUE(completed.has("de7dfe70924e91b296afd1f8fadf8458-1"));
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(send("GET", "/repo/main/mp").body, "only part");
    EXPECT_EQ(send("HEAD", "/repo/main/mp").field("ETag"),
              "\"de7dfe70924e91b296afd1f8fadf8458-1\"");
}

TEST_F(GatewayTest, ChangesTagsWithoutTouchingTheObject) {
    send("PUT", "/repo/main/a", "data", {{"x-amz-tagging", "k=v%201"}});
    const auto before = send("HEAD", "/repo/main/a");

    const auto put = send("PUT", "/repo/main/a?tagging",
                          "<Tagging><TagSet><Tag><Key>a&amp;b</Key><Value></Value></Tag></TagSet>"
                          "</Tagging>");

    EXPECT_EQ(before.field("x-amz-tagging-count"), "1");
    EXPECT_EQ(put.status, 200);
    EXPECT_TRUE(send("GET", "/repo/main/a?tagging").has("<Key>a&amp;b</Key><Value></Value>"));
    EXPECT_EQ(send("GET", "/repo/main/a").body, "data");
    EXPECT_EQ(send("HEAD", "/repo/main/a").field("Last-Modified"), before.field("Last-Modified"));
    EXPECT_EQ(send("DELETE", "/repo/main/a?tagging").status, 204);
    EXPECT_FALSE(send("GET", "/repo/main/a?tagging").has("<Tag>"));
}

TEST_F(GatewayTest, JudgesEachKeyOfABatchAlone) {
    send("PUT", "/repo/main/foo", "one");
    send("PUT", "/repo/main/foo%0Abar", "two");

    const auto removed = send("POST", "/repo?delete",
                              "<Delete><Object><Key>main/foo&#10;bar</Key></Object>"
                              "<Object><Key>main/</Key></Object></Delete>");

    EXPECT_EQ(removed.status, 200);
    EXPECT_EQ(send("GET", "/repo/main/foo").body, "one");
    EXPECT_EQ(send("HEAD", "/repo/main/foo%0Abar").status, 404);
}

TEST_F(GatewayTest, CopiesBytesAndMetadata) {
    send("PUT", "/repo/main/src", "copy me", {{"x-amz-meta-one", "1"}});

    const auto copied =
        send("PUT", "/repo/main/dst", "", {{"x-amz-copy-source", "/repo/main/src"}});
    const auto itself =
        send("PUT", "/repo/main/src", "", {{"x-amz-copy-source", "/repo/main/src"}});

    EXPECT_EQ(copied.status, 200);
    const auto get = send("GET", "/repo/main/dst");
    EXPECT_EQ(get.body, "copy me");
    EXPECT_EQ(get.field("x-amz-meta-one"), "1");
    EXPECT_EQ(itself.status, 400);
}

}  // namespace
}  // namespace tarn::s3
