#include <queue>
#include <unordered_map>

#include "refs/internal/state.h"

namespace tarn::refs {
namespace {

using Side = unsigned;
constexpr Side left_side = 1;
constexpr Side right_side = 2;
constexpr Side both_sides = left_side | right_side;

// The highest generation first; of equal ones the latest.
struct Nearer {
    bool operator()(const Commit& left, const Commit& right) const {
        if (left.generation != right.generation) return left.generation < right.generation;
        return left.created < right.created;
    }
};

}  // namespace

Task<std::optional<Commit>> Refs::merge_base(Repository repository, std::string left,
                                             std::string right) {
    Commit from_left = co_await get_commit(repository, left);
    if (left == right) co_return from_left;
    Commit from_right = co_await get_commit(repository, right);
    std::unordered_map<std::string, Side> sides{{left, left_side}, {right, right_side}};
    std::priority_queue<Commit, std::vector<Commit>, Nearer> waiting;
    waiting.push(std::move(from_left));
    waiting.push(std::move(from_right));
    while (!waiting.empty()) {
        const Commit commit = waiting.top();
        waiting.pop();
        const Side reached_by = sides[commit.id];
        for (const std::string& parent : commit.parents) {
            const auto [entry, first_time] = sides.try_emplace(parent, 0);
            entry->second |= reached_by;
            const bool shared = entry->second == both_sides;
            if (!first_time && !shared) continue;
            Commit reached = co_await get_commit(repository, parent);
            if (shared) co_return reached;
            waiting.push(std::move(reached));
        }
    }
    co_return std::nullopt;
}

}  // namespace tarn::refs
