#include "http/client.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/testing/await.h"
#include "http/testing/raw_client.h"
#include "http/testing/test_server.h"

namespace tarn::http {
namespace {

using namespace std::chrono_literals;

Task<Response> echo(Request& request) {
    const std::string body = co_await read_all(request.body(), 8 << 20);
    Response response =
        make_response(200, "text/plain",
                      fmt::format("{} {} {}", request.method(), request.target(), body.size()));
    response.fields.add("X-Host", request.find("Host").value_or("-"));
    response.fields.add("X-Body", body.substr(0, 10));
    co_return response;
}

// A source whose size nobody knows.
class Unsized final : public ByteSource {
public:
    explicit Unsized(std::string bytes) : source_(source_of(std::move(bytes))) {}
    Task<Slice> next() override { return source_->next(); }
    std::optional<std::uint64_t> size() const override { return std::nullopt; }

private:
    std::unique_ptr<ByteSource> source_;
};

struct Answer {
    int status;
    std::string body;
    Fields fields;
};

Task<Answer> exchange(Client& client, OutgoingRequest request) {
    IncomingResponse response = co_await client.send(std::move(request));
    const std::string body = co_await read_all(*response.body, 64 << 20);
    co_return Answer{response.status, body, response.fields};
}

OutgoingRequest get(std::string url, std::string target = "/") {
    OutgoingRequest request;
    request.url = std::move(url);
    request.target = std::move(target);
    return request;
}

// The error that a request against one canned answer ends with; "none" when it succeeds.
std::string fault_of(const std::string& canned, const std::string& method = "GET") {
    CannedServer server;
    std::thread serving([&server, &canned] { server.serve_one(canned); });
    ClientOptions options;
    options.response_timeout = 5'000ms;
    Client client(options);
    OutgoingRequest request = get(fmt::format("http://127.0.0.1:{}", server.port()));
    request.method = method;
    std::string fault = "none";
    try {
        await(exchange(client, request));
    } catch (const Error& error) {
        fault = fmt::format("{} {}", name(error.code()), error.detail());
    }
    serving.join();
    return fault;
}

TEST(Client, SendsTheTargetUntouchedAndNamesTheHost) {
    const TestServer server(echo);
    Client client({});

    const Answer answer = await(exchange(client, get(server.url(), "/a//../b%2F?x=%zz")));

    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "GET /a//../b%2F?x=%zz 0");
    EXPECT_EQ(answer.fields.find("x-host"), fmt::format("127.0.0.1:{}", server.port()));
}

TEST(Client, StreamsBodiesOfKnownAndUnknownSize) {
    const TestServer server(echo);
    Client client({});
    const std::string bytes(3'000'000, 'x');
    const auto sized = source_of(bytes);
    Unsized unknown(bytes);

    for (ByteSource* body : std::vector<ByteSource*>{sized.get(), &unknown}) {
        OutgoingRequest request = get(server.url());
        request.method = "PUT";
        request.body = body;
        EXPECT_EQ(await(exchange(client, request)).body, "PUT / 3000000");
    }
}

TEST(Client, ReadsBodiesOfAnyFraming) {
    const std::string bytes(1'000'000, 'y');
    const TestServer server([&bytes](Request& request) -> Task<Response> {
        Response response = make_response(200, "", bytes);
        if (request.path() == "/chunked") response.body = std::make_unique<Unsized>(bytes);
        co_return response;
    });
    Client client({});

    EXPECT_TRUE(await(exchange(client, get(server.url(), "/fixed"))).body == bytes);
    EXPECT_TRUE(await(exchange(client, get(server.url(), "/chunked"))).body == bytes);
    OutgoingRequest head = get(server.url(), "/fixed");
    head.method = "HEAD";
    EXPECT_EQ(await(exchange(client, head)).fields.find("Content-Length"), "1000000");
}

TEST(Client, UsesAConnectionAgain) {
    TestServer server(echo);
    Client client({});

    for (int index = 0; index < 5; ++index) await(exchange(client, get(server.url())));

    EXPECT_EQ(server.server().counters().requests_total, 5U);
    EXPECT_EQ(server.server().counters().connections_open, 1U);
}

TEST(Client, SendsAgainWhenThePooledConnectionWasClosed) {
    auto server = std::make_unique<TestServer>(echo);
    ServerOptions options = test_options();
    options.listen_address = fmt::format("127.0.0.1:{}", server->port());
    Client client({});
    await(exchange(client, get(server->url())));

    server.reset();
    const TestServer another(echo, options);

    EXPECT_EQ(await(exchange(client, get(another.url()))).status, 200);
}

TEST(Client, SendsAgainWhenAReusedConnectionEndsWithoutAnAnswer) {
    CannedServer server;
    std::thread serving([&server] {
        // The first connection answers once, then ends at the second request.
        server.serve_two("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", "");
        server.serve_one("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb");
    });
    Client client({});
    const std::string url = fmt::format("http://127.0.0.1:{}", server.port());

    const Answer first = await(exchange(client, get(url)));
    const Answer second = await(exchange(client, get(url)));
    serving.join();

    EXPECT_EQ(first.body, "a");
    EXPECT_EQ(second.body, "b");
}

TEST(Client, SaysWhenNothingWasSent) {
    std::uint16_t free_port = 0;
    {
        free_port = CannedServer().port();
    }
    Client client({});
    std::string fault;

    try {
        await(exchange(client, get(fmt::format("http://127.0.0.1:{}", free_port))));
    } catch (const Error& error) {
        fault = fmt::format("{} {}", name(error.code()), error.detail());
    }

    EXPECT_EQ(fault, "unavailable not_sent");
}

TEST(Client, TakesABrokenAnswerForNoAnswer) {
    const std::vector<std::string> answers{
        "",
        "HTTP/1.1 200",
        "HTTP/1.1 200 OK\nContent-Length: 1\n\na",
        "SSH-2.0-x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 101 Switching\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
    };
    for (const std::string& answer : answers) EXPECT_EQ(fault_of(answer), "unavailable ") << answer;
}

TEST(Client, ReadsOnPastInterimAnswers) {
    EXPECT_EQ(fault_of("HTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\n\r\nabc"), "none");
}

TEST(Client, GivesUpOnASilentServer) {
    const CannedServer server;  // nobody accepts, so nothing is answered
    ClientOptions options;
    options.response_timeout = 30ms;
    Client client(options);
    std::string detail;

    try {
        await(exchange(client, get(fmt::format("http://127.0.0.1:{}", server.port()))));
    } catch (const Error& error) {
        detail = error.detail();
    }

    EXPECT_EQ(detail, "timeout");
}

TEST(Client, KeepsTheBodyToItselfWhenTheServerDoesNotWantIt) {
    const TestServer server(
        [](Request&) -> Task<Response> { co_return make_response(403, "", "no"); });
    Client client({});
    const auto body = source_of(std::string(5'000'000, 'x'));
    OutgoingRequest request = get(server.url());
    request.method = "PUT";
    request.body = body.get();
    request.fields.add("Expect", "100-continue");

    EXPECT_EQ(await(exchange(client, request)).status, 403);
    EXPECT_EQ(await(body->next()).bytes.size(), std::min<std::size_t>(5'000'000, 1 << 20));
}

TEST(Client, SendsTheBodyWhenTheServerAsksForIt) {
    const TestServer server(echo);
    Client client({});
    const auto body = source_of(std::string(500'000, 'x'));
    OutgoingRequest request = get(server.url());
    request.method = "PUT";
    request.body = body.get();
    request.fields.add("Expect", "100-continue");

    EXPECT_EQ(await(exchange(client, request)).body, "PUT / 500000");
}

TEST(Client, HearsARefusalBeforeItsBodyIsSent) {
    const TestServer server(
        [](Request&) -> Task<Response> { co_return make_response(403, "", "no"); });
    Client client({});
    const auto body = source_of(std::string(20'000'000, 'x'));
    OutgoingRequest request = get(server.url());
    request.method = "PUT";
    request.body = body.get();

    EXPECT_EQ(await(exchange(client, request)).status, 403);
}

TEST(Client, RefusesARequestThatCannotBe) {
    Client client({});

    EXPECT_THROW(await(exchange(client, get("http://127.0.0.1:1", "/a b"))), Error);
    EXPECT_THROW(await(exchange(client, get("gopher://x"))), Error);
}

}  // namespace
}  // namespace tarn::http
