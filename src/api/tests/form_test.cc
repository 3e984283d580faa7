#include "api/form.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/testing/await.h"

namespace tarn::api {
namespace {

// A body that comes in pieces of `step` bytes.
class Dripping final : public ByteSource {
public:
    Dripping(std::string bytes, std::size_t step) : bytes_(std::move(bytes)), step_(step) {}
    Task<Slice> next() override {
        auto piece = std::make_shared<std::string>(bytes_.substr(at_, step_));
        at_ += piece->size();
        const std::string_view view = *piece;
        co_return Slice{std::move(piece), view};
    }
    std::optional<std::uint64_t> size() const override { return bytes_.size(); }

private:
    std::string bytes_;
    std::size_t step_;
    std::size_t at_ = 0;
};

constexpr std::string_view form =
    "--b\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nzzz\r\n"
    "--b\r\nContent-Disposition: form-data; name=\"content\"; filename=\"x\"\r\n"
    "content-type: text/csv\r\n\r\na,b\r\n--not\r\n\r\n--b\r\n"
    "Content-Disposition: form-data; name=\"content\"\r\n\r\nsecond\r\n--b--\r\n";

struct Found {
    bool found = false;
    std::string content_type;
    std::string bytes;
};

Found read_part(std::string body, std::string_view boundary, std::size_t step) {
    Dripping source(std::move(body), step);
    FormPart part(source, boundary);
    Found out;
    out.found = await(part.find("content"));
    out.content_type = part.content_type();
    if (out.found) out.bytes = await(read_all(part, 1024));
    return out;
}

TEST(FormPart, IsTheFirstOfItsNameHoweverTheBytesArrive) {
    for (std::size_t step = 1; step < 80; ++step) {
        const Found found = read_part(std::string(form), "b", step);

        EXPECT_TRUE(found.found) << step;
        EXPECT_EQ(found.content_type, "text/csv") << step;
        EXPECT_EQ(found.bytes, "a,b\r\n--not\r\n") << step;
    }
}

TEST(FormPart, MayBeEmpty) {
    const std::string body =
        "--b\r\nContent-Disposition: form-data; name=content\r\n\r\n\r\n--b--\r\n";
    for (std::size_t step = 1; step < 40; ++step) {
        const Found found = read_part(body, "b", step);

        EXPECT_TRUE(found.found) << step;
        EXPECT_EQ(found.bytes, "") << step;
    }
}

TEST(FormPart, OfAnotherNameIsNotFound) {
    EXPECT_FALSE(
        read_part("--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n--b--\r\n", "b",
                  7)
            .found);
    EXPECT_FALSE(read_part("hello", "b", 2).found);
    EXPECT_FALSE(read_part("", "b", 2).found);
}

TEST(FormPart, ThatEndsTooEarlyIsRefused) {
    const std::string body = "--b\r\nContent-Disposition: form-data; name=\"content\"\r\n\r\nhalf";

    EXPECT_THROW(read_part(body, "b", 5), Error);
}

TEST(MediaType, NamesItsBoundary) {
    EXPECT_EQ(read_media_type("multipart/form-data; boundary=abc").boundary, "abc");
    EXPECT_EQ(read_media_type("Multipart/Form-Data; x=1; boundary=\"a b\"").boundary, "a b");
    EXPECT_EQ(read_media_type("Multipart/Form-Data").name, "multipart/form-data");
    EXPECT_FALSE(read_media_type("multipart/form-data").boundary);
    EXPECT_EQ(read_media_type(";;;").name, "");
    EXPECT_EQ(read_media_type("a b").name, "");
}

}  // namespace
}  // namespace tarn::api
