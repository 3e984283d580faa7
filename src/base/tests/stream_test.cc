#include "base/stream.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>

#include "base/error.h"
#include "base/testing/await.h"

namespace tarn {
namespace {

std::shared_ptr<const File> file_with(const std::string& content) {
    std::FILE* stream = std::tmpfile();
    std::fwrite(content.data(), 1, content.size(), stream);
    std::fflush(stream);
    const int descriptor = dup(fileno(stream));
    std::fclose(stream);
    return std::make_shared<const File>(descriptor);
}

TEST(Source, OfMemoryGivesPiecesOfAtMostAMebibyte) {
    const std::string bytes(3 * 1024 * 1024 + 5, 'x');
    const auto source = source_of(bytes);

    EXPECT_EQ(source->size(), bytes.size());
    const Slice first = await(source->next());
    EXPECT_EQ(first.bytes.size(), 1024u * 1024u);
    EXPECT_EQ(await(read_all(*source, bytes.size())).size(), bytes.size() - first.bytes.size());
    EXPECT_TRUE(await(source->next()).empty());
    EXPECT_TRUE(await(source->next()).empty());
}

TEST(Source, OfAFileReadsItsRangeOnly) {
    const std::string content = std::string(700'000, 'a') + "middle" + std::string(10, 'z');
    const auto source = as_source(FileRange{file_with(content), 699'999, 8});

    EXPECT_EQ(source->size(), 8u);
    EXPECT_EQ(await(read_all(*source, 100)), "amiddlez");
}

TEST(Source, OfAFileThatIsTooShortIsCorrupted) {
    const auto source = as_source(FileRange{file_with("short"), 0, 6});

    try {
        await(read_all(*source, 100));
        FAIL() << "read more than there is";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::corrupted);
    }
}

TEST(ReadAll, RefusesMoreThanTheLimit) {
    const auto source = source_of("12345");

    try {
        await(read_all(*source, 4));
        FAIL() << "read past the limit";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::invalid_argument);
        EXPECT_EQ(error.detail(), "too_large");
    }
}

TEST(Body, KnowsItsSize) {
    EXPECT_EQ(size_of(Body("abc")), 3u);
    EXPECT_EQ(size_of(Body(FileRange{nullptr, 5, 7})), 7u);
    EXPECT_EQ(size_of(Body(source_of("ab"))), 2u);
}

}  // namespace
}  // namespace tarn
