#include "api/json.h"

#include <gtest/gtest.h>

namespace tarn::api::wire {
namespace {

std::string encoded(std::string_view text) {
    std::string out;
    append(out, text);
    return out;
}

TEST(Json, EscapesWhatATextMayNotHold) {
    EXPECT_EQ(encoded("a\"b\\c\n\t\r\x01"), R"("a\"b\\c\n\t\r\u0001")");
}

TEST(Json, KeepsWellFormedUtf8) {
    EXPECT_EQ(encoded("ä✓𝄞"), "\"ä✓𝄞\"");
}

TEST(Json, ReplacesBytesThatAreNoUtf8) {
    EXPECT_EQ(encoded("a\xFF"
                      "b"),
              R"("a\ufffdb")");
    EXPECT_EQ(encoded("\xC3"), R"("\ufffd")");
    EXPECT_EQ(encoded("\xED\xA0\x80"), R"("\ufffd\ufffd\ufffd")");
    EXPECT_EQ(encoded("\xC0\xAF"), R"("\ufffd\ufffd")");
}

TEST(Json, FindsWhatMustBeEscapedAtEveryPlace) {
    for (std::size_t at = 0; at < 20; ++at) {
        for (const char special : {'"', '\\', '\n', '\x1f'}) {
            std::string text(20, '~');
            text[at] = special;
            std::string expected(20, '~');
            expected.replace(at, 1,
                             special == '\n'     ? "\\n"
                             : special == '\x1f' ? "\\u001f"
                                                 : std::string("\\") + special);
            EXPECT_EQ(encoded(text), "\"" + expected + "\"") << at;
        }
    }
    const std::string edges = "\x20!#[]\x7f abcdefgh";
    EXPECT_EQ(encoded(edges), "\"" + edges + "\"");
}

TEST(Json, WritesNumbersFlagsListsAndMaps) {
    std::string out;
    append(out, std::int64_t{-42});
    append(out, true);
    append(out, std::vector<std::string>{"a", "b"});
    append(out, std::map<std::string, std::string>{{"k", "v"}, {"l", ""}});

    EXPECT_EQ(out, R"(-42true["a","b"]{"k":"v","l":""})");
}

}  // namespace
}  // namespace tarn::api::wire
