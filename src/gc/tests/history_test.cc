#include "gc/internal/history.h"

#include <gtest/gtest.h>

#include <string>

namespace tarn::gc {
namespace {

// Commits are named by a letter; their dates are days before now.
class HistoryTest : public ::testing::Test {
protected:
    static std::string id(char letter) { return std::string(64, letter); }
    static Time days_ago(int days) { return now - std::chrono::hours(24) * days; }

    void add(char letter, int age_days, std::vector<char> parents, int version = 1) {
        refs::Commit commit;
        commit.id = id(letter);
        commit.created = days_ago(age_days);
        for (const char parent : parents) commit.parents.push_back(id(parent));
        commit.version = version;
        history.add(commit);
        letters += letter;
    }

    std::string kept() const {
        std::string out;
        for (const char letter : letters) {
            if (history.is_kept(id(letter))) out += letter;
        }
        return out;
    }

    static constexpr Time now{std::chrono::hours(24) * 20'000};
    History history;
    std::string letters;
};

TEST_F(HistoryTest, KeepsWhatIsYoungAndTheFirstThatIsNot) {
    add('a', 30, {});
    add('b', 20, {'a'});
    add('c', 10, {'b'});
    add('d', 1, {'c'});
    history.finish();

    history.keep_head(id('d'), days_ago(7));

    EXPECT_EQ(kept(), "cd");
}

TEST_F(HistoryTest, KeepsAHeadHoweverOld) {
    add('a', 300, {});
    add('b', 200, {'a'});
    history.finish();

    history.keep_head(id('b'), days_ago(7));

    EXPECT_EQ(kept(), "b");
}

TEST_F(HistoryTest, TheLongestRuleWinsInAnyOrder) {
    for (const bool long_first : {true, false}) {
        history = History();
        letters.clear();
        add('a', 30, {});
        add('b', 20, {'a'});
        add('c', 10, {'b'});
        add('d', 2, {'c'});
        add('e', 1, {'c'});
        history.finish();

        history.keep_head(id(long_first ? 'd' : 'e'), days_ago(long_first ? 25 : 5));
        history.keep_head(id(long_first ? 'e' : 'd'), days_ago(long_first ? 5 : 25));

        EXPECT_EQ(kept(), "abcde");
    }
}

TEST_F(HistoryTest, TipsThatNothingGoesOnFromAreKeptWhileTheyAreYoung) {
    add('a', 30, {});
    add('b', 3, {'a'});
    add('c', 2, {'a', 'b'});  // a merge: `b` is no first parent
    add('d', 20, {'a'});
    history.finish();

    history.keep_head(id('c'), days_ago(7));
    history.keep_tips(days_ago(7));

    EXPECT_EQ(kept(), "abc");
}

TEST_F(HistoryTest, OldestCommitsHaveTheirMainLineBehindTheLastParent) {
    add('a', 5, {});
    add('b', 4, {});
    add('c', 1, {'a', 'b'}, 0);
    history.finish();

    history.keep_head(id('c'), days_ago(2));

    EXPECT_EQ(kept(), "bc");
}

TEST_F(HistoryTest, AMissingParentEndsTheLine) {
    add('b', 1, {'a'});
    history.finish();

    history.keep_head(id('b'), days_ago(7));
    history.keep_head(id('c'), days_ago(7));

    EXPECT_EQ(kept(), "b");
}

}  // namespace
}  // namespace tarn::gc
