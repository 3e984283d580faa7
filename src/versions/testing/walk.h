#pragma once

#include <functional>
#include <random>
#include <string>

#include "versions/history.h"
#include "versions/testing/house.h"
#include "versions/testing/model.h"

namespace tarn::versions {

// A random walk: every operation is done on the engine and on the model, and what it answers and
// what is seen afterwards must be the same. Differences are reported as gtest failures.
// Limits   `run` stops at the first failure.
// Threads  One.
class Walk {
public:
    Walk(kv::Store& store, unsigned seed);
    void run(int steps);

private:
    struct Outcome {
        std::optional<refs::Commit> commit;
        std::string detail;  // of the error; empty: success
    };

    void step();
    void write();
    void erase();
    void erase_many();
    void save();
    void branch_off();
    void delete_one_branch();
    void tag();
    void join();
    void undo();
    void pick();
    void reset_some();
    void move_head();
    void look();
    void list_pages();
    void compare_branch();
    void compare_refs();

    void check_branch(const std::string& branch);
    std::vector<std::string> read_lines(const std::string& ref, ListQuery query, int limit);
    Outcome attempt(const std::function<Task<refs::Commit>()>& action);
    void expect_refused(const Outcome& outcome, const std::string& detail);
    void adopt(const std::string& branch, const refs::Commit& commit, Contents contents);

    int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }
    std::string any_branch();
    std::string any_key();
    std::string any_content();
    std::string any_prefix();
    // A commit in the history of `branch`, and an expression for it.
    std::pair<std::string, std::string> any_ancestor(const std::string& branch);

    std::mt19937 random_;
    House house_;
    Stores& stores_ = house_.stores;
    const refs::Repository repository_;
    Model model_;
    int names_ = 0;
};

}  // namespace tarn::versions
