#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
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

TEST(Draining, AnswersOnButEndsConnections) {
    TestServer server(
        [](Request&) -> Task<Response> { co_return make_response(200, "", "hello"); });
    server.server().drain();
    RawClient client(server.port());

    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string answer = client.read_answer();

    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
    EXPECT_TRUE(client.is_closed());
}

TEST(Stopping, LetsARunningRequestFinishAndAnswers) {
    const Signal released;
    std::promise<void> entered;
    TestServer server([&](Request&) -> Task<Response> {
        entered.set_value();
        co_await released.wait();
        co_return make_response(200, "", "done");
    });
    RawClient client(server.port());
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    entered.get_future().wait();

    auto stopped = std::async(std::launch::async, [&server] { server.server().stop(); });
    while (true) {  // until nobody listens any more
        try {
            const RawClient probe(server.port());
        } catch (const Error&) {
            break;
        }
    }
    const bool waits = stopped.wait_for(0ms) == std::future_status::timeout;
    released.notify();

    EXPECT_TRUE(waits);
    EXPECT_TRUE(client.read_answer().ends_with("\r\n\r\ndone"));
    stopped.get();
}

TEST(Stopping, DoesNotWaitForIdleConnections) {
    TestServer server(
        [](Request&) -> Task<Response> { co_return make_response(200, "", "hello"); });
    RawClient client(server.port());
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    client.read_answer();

    const auto begin = std::chrono::steady_clock::now();
    server.server().stop();

    EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
    EXPECT_TRUE(client.is_closed());
}

TEST(Stopping, NeverEndsAHandlerHalfWay) {
    ServerOptions options = test_options();
    options.drain_timeout = 20ms;
    const Signal released;
    std::promise<void> entered;
    std::atomic<bool> finished = false;
    TestServer server(
        [&](Request&) -> Task<Response> {
            entered.set_value();
            co_await released.wait();
            finished = true;
            co_return make_response(200, "", "done");
        },
        options);
    RawClient client(server.port());
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    entered.get_future().wait();

    auto stopped = std::async(std::launch::async, [&server] { server.server().stop(); });
    const bool was_cut = client.is_closed();
    released.notify();
    stopped.get();

    EXPECT_TRUE(was_cut);
    EXPECT_TRUE(finished);
}

TEST(Stopping, AnswersWhatWaitsInTheAcceptQueue) {
    std::promise<void> entered;
    std::promise<void> released;
    TestServer server([&](Request& request) -> Task<Response> {
        if (request.path() == "/block") {  // holds the core, so that connections queue up
            entered.set_value();
            released.get_future().wait();
        }
        co_return make_response(200, "", "hello");
    });
    RawClient blocking(server.port());
    blocking.send("GET /block HTTP/1.1\r\nHost: a\r\n\r\n");
    entered.get_future().wait();
    RawClient queued(server.port());
    queued.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

    auto stopped = std::async(std::launch::async, [&server] { server.server().stop(); });
    released.set_value();

    EXPECT_TRUE(queued.read_answer().starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_TRUE(blocking.read_answer().starts_with("HTTP/1.1 200 OK\r\n"));
    stopped.get();
}

}  // namespace
}  // namespace tarn::http
