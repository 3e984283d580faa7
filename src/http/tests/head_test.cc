#include "http/internal/head.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tarn::http {
namespace {

constexpr std::size_t target_max = 1024;

int status_of(const std::string& head) {
    RequestHead parsed;
    return parse_request_head(head, target_max, parsed);
}

TEST(RequestHead, KeepsEveryByteOfTheTarget) {
    const std::string head = "GET /repo/main/a//b/../c%2Fd?x=y&z=%zz HTTP/1.1\r\nHost: a\r\n\r\n";
    RequestHead parsed;

    ASSERT_EQ(parse_request_head(head, target_max, parsed), 0);

    EXPECT_EQ(parsed.target, "/repo/main/a//b/../c%2Fd?x=y&z=%zz");
    EXPECT_EQ(parsed.method, "GET");
}

TEST(RequestHead, KeepsFieldsInOrderAndTrimsTheirValues) {
    const std::string head = "PUT / HTTP/1.1\r\nhOsT:\t a \r\nX-A:\r\nX-a: \xc3\xa4 b\r\n\r\n";
    RequestHead parsed;

    ASSERT_EQ(parse_request_head(head, target_max, parsed), 0);

    const std::vector<FieldView> expected{{"hOsT", "a"}, {"X-A", ""}, {"X-a", "\xc3\xa4 b"}};
    EXPECT_EQ(parsed.fields, expected);
}

TEST(RequestHead, ReducesAnAbsoluteTargetAndItsAuthorityReplacesHost) {
    const std::string head = "GET http://b:1/p?q HTTP/1.1\r\nHost: a\r\n\r\n";
    RequestHead parsed;

    ASSERT_EQ(parse_request_head(head, target_max, parsed), 0);

    EXPECT_EQ(parsed.target, "/p?q");
    EXPECT_EQ(parsed.fields.front().second, "b:1");
}

TEST(RequestHead, TellsHowTheBodyEnds) {
    struct Case {
        std::string fields;
        Framing framing;
        std::uint64_t length;
    };
    const std::vector<Case> cases{
        {"", Framing::none, 0},
        {"Content-Length: 0\r\n", Framing::none, 0},
        {"Content-Length: 007\r\n", Framing::fixed, 7},
        {"content-length: 18446744073709551615\r\n", Framing::fixed, 18446744073709551615U},
        {"Transfer-Encoding: Chunked\r\n", Framing::chunked, 0},
    };
    for (const Case& one : cases) {
        const std::string head = "PUT / HTTP/1.1\r\nHost: a\r\n" + one.fields + "\r\n";
        RequestHead parsed;

        ASSERT_EQ(parse_request_head(head, target_max, parsed), 0) << one.fields;

        EXPECT_EQ(parsed.framing, one.framing) << one.fields;
        EXPECT_EQ(parsed.content_length, one.length) << one.fields;
    }
}

TEST(RequestHead, TellsWhetherTheConnectionStays) {
    const auto stays = [](const std::string& version, const std::string& connection) {
        RequestHead parsed;
        const std::string head =
            "GET / " + version + "\r\nHost: a\r\nConnection: " + connection + "\r\n\r\n";
        EXPECT_EQ(parse_request_head(head, target_max, parsed), 0);
        return parsed.keep_alive;
    };

    EXPECT_TRUE(stays("HTTP/1.1", "x"));
    EXPECT_FALSE(stays("HTTP/1.1", "x, Close"));
    EXPECT_FALSE(stays("HTTP/1.0", "x"));
    EXPECT_TRUE(stays("HTTP/1.0", "Keep-Alive"));
}

TEST(RequestHead, RefusesWhatTwoReadersCouldUnderstandDifferently) {
    const std::vector<std::string> heads{
        "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
        "GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /\t HTTP/1.1\r\nHost: a\r\n\r\n",
        "G@T / HTTP/1.1\r\nHost: a\r\n\r\n",
        " GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET a HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET * HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / http/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1x\r\nHost: a\r\n\r\n",
        "GET /\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: b\rc\r\n\r\n",
        std::string("GET / HTTP/1.1\r\nHost: a\r\nX: b") + '\0' + "\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: b\x01\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551616\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
        "Transfer-Encoding: chunked\r\n\r\n",
        "PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
    };
    for (const std::string& head : heads) EXPECT_EQ(status_of(head), 400) << head;
}

TEST(RequestHead, NamesTheRuleThatIsBroken) {
    EXPECT_EQ(status_of("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 505);
    EXPECT_EQ(status_of("PRI * HTTP/2.0\r\n\r\n"), 505);
    EXPECT_EQ(status_of("GET /" + std::string(2000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n"), 414);
    EXPECT_EQ(status_of("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n"), 501);
    EXPECT_EQ(status_of("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"),
              501);
    EXPECT_EQ(status_of("PUT / HTTP/1.1\r\nHost: a\r\nExpect: more\r\n\r\n"), 417);
    std::string many = "GET / HTTP/1.1\r\nHost: a\r\n";
    for (int index = 0; index < 300; ++index) many += "X: y\r\n";
    EXPECT_EQ(status_of(many + "\r\n"), 431);
}

TEST(HeadScanner, FindsTheEndHoweverTheBytesArrive) {
    const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    const std::string bytes = head + "body";
    HeadScanner scanner;
    for (std::size_t size = 1; size < head.size(); ++size) {
        ASSERT_EQ(scanner.scan(bytes.substr(0, size)), HeadScanner::Found::more) << size;
    }

    EXPECT_EQ(scanner.scan(bytes), HeadScanner::Found::end);

    EXPECT_EQ(scanner.head_bytes(), head.size());
}

TEST(HeadScanner, RefusesABareLineFeedAtOnce) {
    EXPECT_EQ(HeadScanner().scan("GET / HTTP/1.1\n"), HeadScanner::Found::bad);
    EXPECT_EQ(HeadScanner().scan("GET / HTTP/1.1\r\n\n"), HeadScanner::Found::bad);
    EXPECT_EQ(HeadScanner().scan("\n"), HeadScanner::Found::bad);
}

TEST(ResponseHead, TellsHowTheBodyEnds) {
    const auto framing_of = [](const std::string& head, std::string_view method) {
        ResponseHead parsed;
        EXPECT_TRUE(parse_response_head(head, method, parsed)) << head;
        return parsed.framing;
    };

    EXPECT_EQ(framing_of("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", "GET"), Framing::fixed);
    EXPECT_EQ(framing_of("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", "HEAD"), Framing::none);
    EXPECT_EQ(framing_of("HTTP/1.1 204\r\nContent-Length: 3\r\n\r\n", "GET"), Framing::none);
    EXPECT_EQ(framing_of("HTTP/1.1 304 Not\r\nContent-Length: 3\r\n\r\n", "GET"), Framing::none);
    EXPECT_EQ(framing_of("HTTP/1.1 200 OK\r\n\r\n", "GET"), Framing::until_close);
    EXPECT_EQ(framing_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "GET"),
              Framing::chunked);
}

TEST(ResponseHead, RefusesMalformedOnes) {
    const std::vector<std::string> heads{
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1  200 OK\r\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
        "ICY 200 OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA b: c\r\n\r\n",
    };
    ResponseHead parsed;
    for (const std::string& head : heads) {
        EXPECT_FALSE(parse_response_head(head, "GET", parsed)) << head;
    }
}

}  // namespace
}  // namespace tarn::http
