#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "refs/model.h"

namespace tarn::gc {

// The main lines of a repository's history, packed: of each commit its date and first parent.
// Limits  40 bytes a commit.
class History {
public:
    void add(const refs::Commit& commit);
    // To be called once, after the last add.
    void finish();

    // Marks what stays for a branch's head: the head, and along first parents all that is younger
    // than `threshold`, and the first that is not.
    void keep_head(std::string_view commit_id, Time threshold);
    // The same for every commit that is no first parent and was not kept as a head, itself only if
    // it is younger.
    void keep_tips(Time threshold);

    bool is_kept(std::string_view commit_id) const;

private:
    using Name = std::array<std::uint8_t, 16>;  // the beginning of a commit's id
    struct Node {
        Name name;
        Name parent;  // zeros: none
        Time created;
    };
    static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

    static Name name_of(std::string_view commit_id);
    std::size_t find(const Name& name) const;
    void walk(std::size_t at, Time threshold);

    std::vector<Node> nodes_;   // by name
    std::vector<Time> walked_;  // the earliest threshold that a commit was reached with
    std::vector<bool> kept_;
    std::vector<bool> is_head_;
};

}  // namespace tarn::gc
