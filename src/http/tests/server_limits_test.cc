#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

#include "base/error.h"
#include "base/signal.h"
#include "http/server.h"
#include "http/testing/raw_client.h"
#include "http/testing/test_server.h"

namespace tarn::http {
namespace {

using namespace std::chrono_literals;

Task<Response> hello(Request&) {
    co_return make_response(200, "text/plain", "hello");
}

std::string status_line(const std::string& answer) {
    return answer.substr(0, answer.find("\r\n"));
}

TEST(ServerLimits, AnswersEarlyWhatItWillNotRead) {
    ServerOptions options = test_options();
    options.target_bytes_max = 1000;
    options.header_bytes_max = 4000;
    options.body_bytes_max = 5000;
    const TestServer server(hello, options);
    struct Case {
        std::string bytes;
        std::string status;
    };
    const std::vector<Case> cases{
        {"GET /" + std::string(2000, 'a'), "HTTP/1.1 414 URI Too Long"},
        {"GET /" + std::string(1500, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n",
         "HTTP/1.1 414 URI Too Long"},
        {"GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(5000, 'a'),
         "HTTP/1.1 431 Request Header Fields Too Large"},
        {"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5001\r\n\r\n",
         "HTTP/1.1 413 Content Too Large"},
        {"GET / HTTP/1.1\nHost: a\n\n", "HTTP/1.1 400 Bad Request"},
        {"\x16\x03\x01", "HTTP/1.1 400 Bad Request"},
        {"GET / HTTP/3.0\r\nHost: a\r\n\r\n", "HTTP/1.1 505 HTTP Version Not Supported"},
    };
    for (const Case& one : cases) {
        RawClient client(server.port());
        client.send(one.bytes);
        const std::string answer = client.read_answer();
        EXPECT_EQ(status_line(answer), one.status) << one.bytes.substr(0, 50);
        EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
        EXPECT_TRUE(client.is_closed());
    }
}

TEST(ServerLimits, AnswersRequestsBeforeABadOneAndNothingAfterIt) {
    const TestServer server(hello);
    RawClient client(server.port());

    client.send(
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc"
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n");

    EXPECT_EQ(status_line(client.read_answer()), "HTTP/1.1 200 OK");
    EXPECT_EQ(status_line(client.read_answer()), "HTTP/1.1 400 Bad Request");
    EXPECT_TRUE(client.is_closed());
}

TEST(ServerLimits, EndsAConnectionThatIsIdleTooLong) {
    ServerOptions options = test_options();
    options.idle_timeout = 30ms;
    const TestServer server(hello, options);
    RawClient client(server.port());

    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    client.read_answer();

    EXPECT_TRUE(client.is_closed());
}

TEST(ServerLimits, EndsAConnectionThatNeverAsks) {
    ServerOptions options = test_options();
    options.header_timeout = 30ms;
    const TestServer server(hello, options);
    RawClient client(server.port());

    EXPECT_TRUE(client.is_closed());
}

TEST(ServerLimits, Answers408ToAHeadThatTakesTooLong) {
    ServerOptions options = test_options();
    options.header_timeout = 30ms;
    const TestServer server(hello, options);
    RawClient client(server.port());

    client.send("GET / HTTP/1.1\r\nHo");

    EXPECT_EQ(status_line(client.read_answer()), "HTTP/1.1 408 Request Timeout");
}

TEST(ServerLimits, GivesAPipelinedHeadItsOwnTime) {
    ServerOptions options = test_options();
    options.header_timeout = 500ms;
    const TestServer server(
        [](Request&) -> Task<Response> {
            co_await sleep_for(700ms);
            co_return Response();
        },
        options);
    RawClient client(server.port());

    client.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HT");
    const std::string first = client.read_answer();
    client.send("TP/1.1\r\nHost: a\r\n\r\n");

    EXPECT_EQ(status_line(first), "HTTP/1.1 200 OK");
    EXPECT_EQ(status_line(client.read_answer()), "HTTP/1.1 200 OK");
}

TEST(ServerLimits, IgnoresAnEmptyLineBetweenRequests) {
    const TestServer server(hello);
    RawClient client(server.port());

    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");

    EXPECT_EQ(status_line(client.read_answer()), "HTTP/1.1 200 OK");
    EXPECT_EQ(status_line(client.read_answer()), "HTTP/1.1 200 OK");
}

TEST(ServerLimits, TellsTheHandlerThatABodyTakesTooLong) {
    ServerOptions options = test_options();
    options.body_timeout = 30ms;
    const TestServer server(
        [](Request& request) -> Task<Response> {
            std::string detail;
            try {
                const Slice slice = co_await request.body().next();
                detail = slice.bytes;
            } catch (const Error& error) {
                detail = error.detail();
            }
            co_return make_response(408, "", detail);
        },
        options);
    RawClient client(server.port());

    client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na");

    EXPECT_TRUE(client.read_answer().ends_with("\r\n\r\ntimeout"));
    EXPECT_TRUE(client.is_closed());
}

TEST(ServerLimits, EndsAConnectionWhoseClientTakesNothing) {
    ServerOptions options = test_options();
    options.write_timeout = 50ms;
    const TestServer server(
        [](Request&) -> Task<Response> {
            co_return make_response(200, "", std::string(30'000'000, 'x'));
        },
        options);
    RawClient client(server.port());

    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    std::this_thread::sleep_for(300ms);  // the time that the client lets pass is what is tested

    EXPECT_LT(client.read_all().size(), 30'000'000U);
}

TEST(ServerLimits, RefusesRequestsBeyondTheLimitButNeverTheExemptPath) {
    ServerOptions options = test_options();
    options.requests_per_core_max = 1;
    const Signal entered;
    const Signal released;
    const TestServer server(
        [&entered, &released](Request& request) -> Task<Response> {
            if (request.path() == "/wait") {
                entered.notify();
                co_await released.wait();
            }
            co_return make_response(200, "", std::string(request.path()));
        },
        options);
    RawClient running(server.port());
    running.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    RawClient refused(server.port());
    std::string answer;

    while (!answer.starts_with("HTTP/1.1 503")) {  // until the first request runs
        refused.send("PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
        answer = refused.read_answer();
    }
    refused.send("GET /_health HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string health = refused.read_answer();
    released.notify();

    EXPECT_NE(answer.find("Retry-After: 1\r\n"), std::string::npos);
    EXPECT_TRUE(health.ends_with("/_health"));
    EXPECT_TRUE(running.read_answer().ends_with("/wait"));
}

}  // namespace
}  // namespace tarn::http
