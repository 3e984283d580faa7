#include "http/server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/error.h"
#include "http/testing/raw_client.h"
#include "http/testing/test_server.h"

namespace tarn::http {
namespace {

// Says what it was asked.
Task<Response> echo(Request& request) {
    const std::string body = co_await read_all(request.body(), 1 << 20);
    co_return make_response(200, "text/plain",
                            fmt::format("{} {} [{}]", request.method(), request.target(), body));
}

std::string body_of(const std::string& answer) {
    return answer.substr(answer.find("\r\n\r\n") + 4);
}

bool has(const std::string& answer, std::string_view part) {
    return answer.find(part) != std::string::npos;
}

TEST(Server, PassesTheTargetOnUntouched) {
    const TestServer server(echo);
    RawClient client(server.port());

    client.send("GET /repo/main/a//b/../c%2Fd?x=%zz HTTP/1.1\r\nHost: a\r\n\r\n");

    EXPECT_EQ(body_of(client.read_answer()), "GET /repo/main/a//b/../c%2Fd?x=%zz []");
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
    const TestServer server(echo);
    RawClient client(server.port());

    client.send(
        "PUT /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
        "PUT /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n0\r\n\r\n"
        "GET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

    EXPECT_EQ(body_of(client.read_answer()), "PUT /1 [abc]");
    EXPECT_EQ(body_of(client.read_answer()), "PUT /2 [de]");
    const std::string last = client.read_answer();
    EXPECT_EQ(body_of(last), "GET /3 []");
    EXPECT_TRUE(has(last, "Connection: close"));
    EXPECT_TRUE(client.is_closed());
}

TEST(Server, UnderstandsARequestThatComesByteByByte) {
    const TestServer server(echo);
    RawClient client(server.port());

    const std::string request =
        "PUT /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n0\r\n\r\n";
    for (const char byte : request) client.send({&byte, 1});

    EXPECT_EQ(body_of(client.read_answer()), "PUT /1 [de]");
}

TEST(Server, SkipsASmallBodyThatNobodyReads) {
    const TestServer server([](Request&) -> Task<Response> { co_return Response(); });
    RawClient client(server.port());
    const std::string request = fmt::format(
        "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n{}", std::string(100'000, 'x'));

    client.send(request);
    const std::string first = client.read_answer();
    client.send(
        "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
    const std::string second = client.read_answer();
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string third = client.read_answer();

    for (const std::string& answer : {first, second, third}) {
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n"));
        EXPECT_FALSE(has(answer, "Connection: close"));
    }
}

TEST(Server, ClosesWhereALargeBodyWasNotRead) {
    const TestServer server([](Request&) -> Task<Response> { co_return Response(); });
    RawClient client(server.port());

    client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\nabc");

    EXPECT_TRUE(has(client.read_answer(), "Connection: close"));
    EXPECT_TRUE(client.is_closed());
}

TEST(Server, SendsContinueWhenTheHandlerAsksForTheBody) {
    const TestServer server(echo);
    RawClient client(server.port());

    client.send("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    const std::string interim = client.read_until("\r\n\r\n");
    client.send("abc");

    EXPECT_EQ(interim, "HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_EQ(body_of(client.read_answer()), "PUT / [abc]");
}

TEST(Server, SendsNoContinueWhenTheHandlerDoesNotWantTheBody) {
    const TestServer server(
        [](Request&) -> Task<Response> { co_return make_response(403, "text/plain", "no"); });
    RawClient client(server.port());

    client.send("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    const std::string answer = client.read_answer();

    EXPECT_TRUE(answer.starts_with("HTTP/1.1 403 Forbidden\r\n"));
    EXPECT_TRUE(has(answer, "Connection: close"));
}

TEST(Server, SendsNoBodyForHead) {
    const TestServer server(
        [](Request&) -> Task<Response> { co_return make_response(200, "text/plain", "hello"); });
    RawClient client(server.port());

    client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\nHEAD /2 HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string first = client.read_until("\r\n\r\n");
    const std::string second = client.read_until("\r\n\r\n");

    EXPECT_TRUE(has(first, "Content-Length: 5\r\n"));
    EXPECT_TRUE(second.starts_with("HTTP/1.1 200"));
}

TEST(Server, DeclaresTheSizeOfABodyItWasNotGiven) {
    const TestServer server([](Request&) -> Task<Response> {
        Response response;
        response.head_only = true;
        response.declared_size = 12345;
        co_return response;
    });
    RawClient client(server.port());

    client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");

    EXPECT_TRUE(has(client.read_until("\r\n\r\n"), "Content-Length: 12345\r\n"));
}

TEST(Server, SendsNeitherBodyNorLengthWith204And304) {
    const TestServer server([](Request& request) -> Task<Response> {
        co_return make_response(request.path() == "/204" ? 204 : 304, "", "hello");
    });
    RawClient client(server.port());

    client.send("GET /204 HTTP/1.1\r\nHost: a\r\n\r\nGET /304 HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string first = client.read_until("\r\n\r\n");
    const std::string second = client.read_until("\r\n\r\n");

    EXPECT_TRUE(first.starts_with("HTTP/1.1 204 No Content\r\n"));
    EXPECT_TRUE(second.starts_with("HTTP/1.1 304 Not Modified\r\n"));
    EXPECT_FALSE(has(first + second, "Content-Length"));
}

TEST(Server, AnswersAnExceptionWith500AndCloses) {
    const TestServer server(
        [](Request&) -> Task<Response> { throw Error(Code::internal, "a test's fault"); });
    RawClient client(server.port());

    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string answer = client.read_answer();

    EXPECT_TRUE(answer.starts_with("HTTP/1.1 500 "));
    EXPECT_FALSE(has(answer, "fault"));
    EXPECT_TRUE(client.is_closed());
}

TEST(Server, TellsAnHttp10ClientThatTheConnectionStays) {
    const TestServer server(echo);
    RawClient client(server.port());

    client.send("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const std::string first = client.read_answer();
    client.send("GET /2 HTTP/1.0\r\n\r\n");
    const std::string second = client.read_answer();

    EXPECT_TRUE(has(first, "Connection: keep-alive\r\n"));
    EXPECT_TRUE(has(second, "Connection: close\r\n"));
    EXPECT_TRUE(client.is_closed());
}

TEST(Server, GivesEachRequestAnIdOfItsOwn) {
    const TestServer server([](Request& request) -> Task<Response> {
        co_return make_response(200, "", std::string(request.id()));
    });
    RawClient client(server.port());
    std::set<std::string> ids;

    for (int index = 0; index < 100; ++index) {
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        ids.insert(body_of(client.read_answer()));
    }

    EXPECT_EQ(ids.size(), 100U);
    EXPECT_EQ(ids.begin()->size(), 36U);
    EXPECT_EQ(ids.begin()->at(14), '4');
}

TEST(Server, AddsDateAndServerUnlessTheHandlerDid) {
    const TestServer server([](Request&) -> Task<Response> {
        Response response;
        response.fields.add("server", "mine");
        response.fields.add("Content-Length", "999");
        response.fields.add("Transfer-Encoding", "chunked");
        co_return response;
    });
    RawClient client(server.port());

    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string answer = client.read_answer();

    EXPECT_TRUE(has(answer, "\r\nDate: "));
    EXPECT_TRUE(has(answer, "server: mine\r\n"));
    EXPECT_FALSE(has(answer, "Server: Tarn"));
    EXPECT_TRUE(has(answer, "Content-Length: 0\r\n"));
    EXPECT_FALSE(has(answer, "999"));
    EXPECT_FALSE(has(answer, "chunked"));
}

TEST(Server, RefusesAnAddressInUse) {
    TestServer first(echo);
    ServerOptions options = test_options();
    options.listen_address = fmt::format("127.0.0.1:{}", first.port());

    EXPECT_THROW(TestServer(echo, options), Error);
}

TEST(Server, RefusesWhatIsNoAddress) {
    for (const char* address : {"", "localhost", "127.0.0.1:x", "256.1.1.1.1:0"}) {
        ServerOptions options = test_options();
        options.listen_address = address;
        EXPECT_THROW(TestServer(echo, options), Error) << address;
    }
}

}  // namespace
}  // namespace tarn::http
