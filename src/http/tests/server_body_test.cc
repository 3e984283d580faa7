#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/testing/temporary_folder.h"
#include "http/server.h"
#include "http/testing/raw_client.h"
#include "http/testing/test_server.h"

namespace tarn::http {
namespace {

std::string pattern(std::size_t size) {
    std::string bytes(size, '\0');
    std::uint32_t state = 1;
    for (char& byte : bytes) {
        state = state * 1664525 + 1013904223;
        byte = static_cast<char>(state >> 24);
    }
    return bytes;
}

std::string body_of(const std::string& answer) {
    return answer.substr(answer.find("\r\n\r\n") + 4);
}

// Answers with the sizes of the slices, whether all began on a page, and the digest.
Task<Response> describe_slices(Request& request) {
    std::string sizes;
    bool aligned = true;
    Sha256 digest;
    while (true) {
        const Slice slice = co_await request.body().next();
        if (slice.empty()) break;
        sizes += fmt::format("{} ", slice.bytes.size());
        aligned &= reinterpret_cast<std::uintptr_t>(slice.bytes.data()) % 4096 == 0;
        digest.update(slice.bytes);
    }
    const Sha256Digest sum = digest.finish();
    co_return make_response(200, "", fmt::format("{}{} {}", sizes, aligned, to_hex(as_view(sum))));
}

std::string expected(const std::string& sizes, const std::string& body) {
    const Sha256Digest sum = sha256(body);
    return fmt::format("{} true {}", sizes, to_hex(as_view(sum)));
}

TEST(RequestBody, IsOneSliceWhenSmall) {
    const TestServer server(describe_slices);
    RawClient client(server.port());
    const std::string body = pattern(65536);

    client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 65536\r\n\r\n" + body);

    EXPECT_EQ(body_of(client.read_answer()), expected("65536", body));
}

TEST(RequestBody, FillsPageAlignedBuffersWhenLarge) {
    const TestServer server(describe_slices);
    RawClient client(server.port());
    const std::string body = pattern(2'500'000);

    client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2500000\r\n\r\n" + body);

    EXPECT_EQ(body_of(client.read_answer()), expected("1048576 1048576 402848", body));
}

TEST(RequestBody, ComesOutOfChunksOfAnySize) {
    const TestServer server(describe_slices);
    RawClient client(server.port());
    const std::string body = pattern(1'500'000);
    std::string wire = "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    std::size_t at = 0;
    for (std::size_t size = 1; at < body.size(); size = size * 2 % 99'991) {
        const std::string_view piece = std::string_view(body).substr(at, size);
        wire += fmt::format("{:x}\r\n{}\r\n", piece.size(), piece);
        at += piece.size();
    }

    client.send(wire + "0\r\nX: y\r\n\r\nPUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nz");

    EXPECT_EQ(body_of(client.read_answer()), expected("65536 1048576 385888", body));
    EXPECT_EQ(body_of(client.read_answer()), expected("1", "z"));
}

// Answers with the code and detail of the error that reading the body gave.
Task<Response> describe_error(Request& request) {
    std::string text = "none";
    try {
        while (true) {
            const Slice slice = co_await request.body().next();
            if (slice.empty()) break;
        }
    } catch (const Error& error) {
        text = fmt::format("{} {}", name(error.code()), error.detail());
    }
    co_return make_response(400, "", text);
}

TEST(RequestBody, FailsOnBadFramingAndTheConnectionEnds) {
    const TestServer server(describe_error);
    RawClient client(server.port());

    client.send("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcX");

    EXPECT_EQ(body_of(client.read_answer()), "invalid_argument ");
    EXPECT_TRUE(client.is_closed());
}

TEST(RequestBody, FailsWhenTheClientStopsHalfWay) {
    const TestServer server(describe_error);
    RawClient client(server.port());

    client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
    client.end_sending();

    EXPECT_EQ(body_of(client.read_answer()), "unavailable ");
}

TEST(RequestBody, FailsWhenAChunkedOneIsTooLarge) {
    ServerOptions options = test_options();
    options.body_bytes_max = 100;
    const TestServer server(describe_error, options);
    RawClient client(server.port());

    client.send(fmt::format(
        "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n{}\r\n0\r\n\r\n",
        std::string(0x65, 'x')));

    EXPECT_EQ(body_of(client.read_answer()), "invalid_argument too_large");
}

TEST(FileBody, ArrivesWholeWhateverItsSize) {
    const TemporaryFolder folder;
    const std::string bytes = pattern(5'000'000);
    const std::string path = folder.path() / "file";
    std::ofstream(path, std::ios::binary) << bytes;
    const auto file = std::make_shared<const File>(::open(path.c_str(), O_RDONLY));
    FileRange range{file, 0, 0};
    const TestServer server([&range](Request&) -> Task<Response> {
        Response response;
        response.body = range;
        co_return response;
    });
    RawClient client(server.port());

    for (const std::size_t size : {0, 1, 65'536, 65'537, 1'048'576, 4'999'000}) {
        range.offset = 777;
        range.size = size;
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_TRUE(body_of(client.read_answer()) == bytes.substr(777, size)) << size;
    }
}

TEST(FileBody, EndsTheConnectionWhenTheFileIsShort) {
    const TemporaryFolder folder;
    const std::string path = folder.path() / "file";
    std::ofstream(path, std::ios::binary) << pattern(100'000);
    const auto file = std::make_shared<const File>(::open(path.c_str(), O_RDONLY));
    const TestServer server([&file](Request&) -> Task<Response> {
        Response response;
        response.body = FileRange{file, 0, 200'000};
        co_return response;
    });
    RawClient client(server.port());

    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

    EXPECT_EQ(body_of(client.read_all()).size(), 100'000U);
}

// Gives its pieces one by one; a piece "!" throws.
class Pieces final : public ByteSource {
public:
    Pieces(std::vector<std::string> pieces, std::optional<std::uint64_t> size)
        : pieces_(std::move(pieces)), size_(size) {}
    Task<Slice> next() override {
        if (at_ == pieces_.size()) co_return Slice{};
        const std::string& piece = pieces_[at_++];
        if (piece == "!") throw Error(Code::unavailable, "a test's source breaks off");
        co_return Slice{nullptr, piece};
    }
    std::optional<std::uint64_t> size() const override { return size_; }

private:
    std::vector<std::string> pieces_;
    std::optional<std::uint64_t> size_;
    std::size_t at_ = 0;
};

Handler streaming(std::vector<std::string> pieces, std::optional<std::uint64_t> size) {
    return [pieces, size](Request&) -> Task<Response> {
        Response response;
        response.body = std::make_unique<Pieces>(pieces, size);
        co_return response;
    };
}

TEST(StreamBody, HasALengthWhenItsSizeIsKnown) {
    const TestServer server(streaming({"abc", "de"}, 5));
    RawClient client(server.port());

    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

    EXPECT_EQ(body_of(client.read_answer()), "abcde");
}

TEST(StreamBody, IsChunkedWhenItsSizeIsUnknown) {
    const TestServer server(streaming({"abc", std::string(17, 'x')}, std::nullopt));
    RawClient client(server.port());

    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string head = client.read_until("\r\n\r\n");

    EXPECT_NE(head.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
    EXPECT_EQ(client.read_until("0\r\n\r\n"),
              "3\r\nabc\r\n11\r\n" + std::string(17, 'x') + "\r\n0\r\n\r\n");
}

TEST(StreamBody, EndsWithTheConnectionForHttp10) {
    const TestServer server(streaming({"abc", "de"}, std::nullopt));
    RawClient client(server.port());

    client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");

    EXPECT_EQ(body_of(client.read_all()), "abcde");
}

TEST(StreamBody, NeverLooksWholeWhenItBreaksOff) {
    const TestServer sized(streaming({"abc", "!"}, 5));
    const TestServer chunked(streaming({"abc", "!"}, std::nullopt));
    const TestServer shorter(streaming({"abc"}, 5));
    const TestServer longer(streaming({"abc", "defg"}, 5));

    for (const TestServer* server : {&sized, &chunked, &shorter, &longer}) {
        RawClient client(server->port());
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        const std::string answer = client.read_all();
        EXPECT_FALSE(answer.ends_with("0\r\n\r\n"));
        EXPECT_LT(body_of(answer).size(), 10U);
    }
}

}  // namespace
}  // namespace tarn::http
