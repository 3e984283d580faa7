#include <queue>
#include <unordered_set>

#include "base/error.h"
#include "refs/internal/state.h"

namespace tarn::refs {
namespace {

// The latest first; of equal dates the greater id.
struct Later {
    bool operator()(const Commit& left, const Commit& right) const {
        if (left.created != right.created) return left.created < right.created;
        return left.id < right.id;
    }
};

}  // namespace

struct Log::State {
    Refs& refs;
    Repository repository;
    bool first_parent;
    std::optional<Time> since;
    std::optional<std::string> start;
    std::priority_queue<Commit, std::vector<Commit>, Later> waiting;
    std::unordered_set<std::string> seen;

    Task<void> reach(std::string id) {
        if (!seen.insert(id).second) co_return;
        Commit commit = co_await refs.get_commit(repository, std::move(id));
        if (since && commit.created < *since) co_return;
        waiting.push(std::move(commit));
    }
};

Log::Log(Refs& refs, Repository repository, std::string start, bool first_parent,
         std::optional<Time> since)
    : state_(std::make_unique<State>(refs, std::move(repository), first_parent, since,
                                     std::move(start))) {}
Log::~Log() = default;

Task<std::optional<Commit>> Log::next() {
    State& state = *state_;
    if (state.start) {
        std::string start = std::move(*state.start);
        state.start.reset();
        co_await state.reach(std::move(start));
    }
    if (state.waiting.empty()) co_return std::nullopt;
    Commit commit = state.waiting.top();
    state.waiting.pop();
    std::vector<std::string> parents = commit.parents;
    if (state.first_parent && parents.size() > 1) {
        // Commits of version 0 have the main line last.
        parents = {commit.version == 0 ? parents.back() : parents.front()};
    }
    for (std::string& parent : parents) co_await state.reach(std::move(parent));
    co_return commit;
}

}  // namespace tarn::refs
