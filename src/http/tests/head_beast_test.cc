// Our parser against Beast's: what both accept they read the same way, and ours accepts nothing
// that Beast refuses but malformed lists in Connection, which we pass over.

#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "http/internal/head.h"

namespace tarn::http {
namespace {

namespace beast = boost::beast;
using namespace std::string_view_literals;

// What Beast makes of a request's head.
class BeastReader final : public beast::http::basic_parser<true> {
public:
    std::string method;
    std::string target;
    std::vector<std::pair<std::string, std::string>> fields;

private:
    using Code = beast::error_code;
    using Text = beast::string_view;

    void on_request_impl(beast::http::verb, Text name, Text where, int, Code&) override {
        method = name;
        target = where;
    }
    void on_response_impl(int, Text, int, Code&) override {}
    void on_field_impl(beast::http::field, Text name, Text value, Code&) override {
        fields.emplace_back(name, value);
    }
    void on_header_impl(Code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, Code&) override {}
    std::size_t on_body_impl(Text text, Code&) override { return text.size(); }
    void on_chunk_header_impl(std::uint64_t, Text, Code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, Text text, Code&) override { return text.size(); }
    void on_finish_impl(Code&) override {}
};

// Parses with both; false when one refuses.
bool compare(const std::string& head) {
    RequestHead ours;
    if (parse_request_head(head, 16 * 1024, ours) != 0) return false;
    BeastReader theirs;
    beast::error_code error;
    theirs.header_limit(1 << 20);
    theirs.eager(false);
    theirs.put(boost::asio::buffer(head), error);

    if (error == beast::http::error::bad_value) return false;
    const bool accepted = !error || error == beast::http::error::need_more;
    EXPECT_TRUE(accepted) << error.message() << "\n" << head;
    if (!accepted) return false;
    EXPECT_EQ(ours.method, theirs.method) << head;
    EXPECT_TRUE(theirs.target.ends_with(ours.target) || ours.target == "/") << head;
    EXPECT_EQ(ours.framing == Framing::chunked, theirs.chunked()) << head;
    EXPECT_EQ(ours.keep_alive, theirs.keep_alive()) << head;
    if (ours.framing == Framing::fixed) {
        EXPECT_EQ(ours.content_length, theirs.content_length().value_or(0)) << head;
    }
    EXPECT_EQ(ours.fields.size(), theirs.fields.size()) << head;
    for (std::size_t index = 0; index < std::min(ours.fields.size(), theirs.fields.size());
         ++index) {
        EXPECT_EQ(ours.fields[index].first, theirs.fields[index].first) << head;
        if (equals_ignoring_case(ours.fields[index].first, "Host")) continue;
        EXPECT_EQ(ours.fields[index].second, theirs.fields[index].second) << head;
    }
    return true;
}

const std::vector<std::string> seeds{
    "GET /a/b?c=d HTTP/1.1\r\nHost: a.example:80\r\nUser-Agent: x/1\r\nAccept: */*\r\n\r\n",
    "PUT /%20/.. HTTP/1.1\r\nhost: a\r\nContent-Length: 12\r\nExpect: 100-continue\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close, x\r\n\r\n",
    "GET / HTTP/1.0\r\nConnection: keep-alive\r\nX-Empty:\r\nX-Space: \t a b \t\r\n\r\n",
    "GET http://b/p HTTP/1.1\r\nHost: a\r\nX: \xc3\xa4\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\nX-Amz-Meta-A: 1\r\nx-amz-meta-a: 2\r\n\r\n",
};

TEST(HeadAgainstBeast, ReadsGoodHeadsTheSame) {
    for (const std::string& head : seeds) EXPECT_TRUE(compare(head)) << head;
}

TEST(HeadAgainstBeast, AcceptsNothingThatBeastReadsDifferently) {
    std::mt19937 random(7);
    const std::string_view bytes =
        "\r\n\t :;,/?*=\0\x01\x7f\x80\xff"
        "aA0179GEThttp./%"sv;
    int accepted = 0;
    for (int round = 0; round < 100'000; ++round) {
        std::string head = seeds[random() % seeds.size()];
        const int changes = 1 + static_cast<int>(random() % 3);
        for (int change = 0; change < changes; ++change) {
            const std::size_t at = random() % (head.size() - 4);
            const char byte = bytes[random() % bytes.size()];
            switch (random() % 3) {
                case 0:
                    head[at] = byte;
                    break;
                case 1:
                    head.insert(at, 1, byte);
                    break;
                default:
                    head.erase(at, 1);
                    break;
            }
        }
        HeadScanner scanner;
        if (scanner.scan(head) != HeadScanner::Found::end) continue;
        head.resize(scanner.head_bytes());
        if (compare(head)) ++accepted;
        if (HasFailure()) return;
    }

    EXPECT_GT(accepted, 1000);
}

}  // namespace
}  // namespace tarn::http
