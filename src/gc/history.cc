#include "gc/internal/history.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "base/digest.h"

namespace tarn::gc {

History::Name History::name_of(std::string_view commit_id) {
    Name name{};
    if (commit_id.empty()) return name;
    const auto bytes = from_hex(commit_id);
    if (bytes && bytes->size() >= name.size()) {
        std::memcpy(name.data(), bytes->data(), name.size());
    } else {
        const auto digest = sha256(commit_id);
        std::memcpy(name.data(), digest.data(), name.size());
    }
    return name;
}

void History::add(const refs::Commit& commit) {
    Node node{name_of(commit.id), {}, commit.created};
    // The oldest commits have their main line behind the last parent.
    if (!commit.parents.empty()) {
        node.parent = name_of(commit.version == 0 ? commit.parents.back() : commit.parents.front());
    }
    nodes_.push_back(node);
}

void History::finish() {
    std::ranges::sort(nodes_, {}, &Node::name);
    walked_.assign(nodes_.size(), Time::max());
    kept_.assign(nodes_.size(), false);
    is_head_.assign(nodes_.size(), false);
}

std::size_t History::find(const Name& name) const {
    const auto at = std::ranges::lower_bound(nodes_, name, {}, &Node::name);
    if (at == nodes_.end() || at->name != name) return nowhere;
    return static_cast<std::size_t>(at - nodes_.begin());
}

void History::keep_head(std::string_view commit_id, Time threshold) {
    const std::size_t at = find(name_of(commit_id));
    if (at == nowhere) return;
    is_head_[at] = true;
    kept_[at] = true;
    walk(at, threshold);
}

void History::keep_tips(Time threshold) {
    std::vector<bool> is_parent(nodes_.size(), false);
    for (const Node& node : nodes_) {
        const std::size_t parent = node.parent == Name{} ? nowhere : find(node.parent);
        if (parent != nowhere) is_parent[parent] = true;
    }
    for (std::size_t at = 0; at < nodes_.size(); ++at) {
        if (is_parent[at] || is_head_[at] || nodes_[at].created <= threshold) continue;
        kept_[at] = true;
        walk(at, threshold);
    }
}

void History::walk(std::size_t at, Time threshold) {
    if (walked_[at] <= threshold) return;
    while (nodes_[at].created > threshold && nodes_[at].parent != Name{}) {
        walked_[at] = std::min(walked_[at], threshold);
        const std::size_t parent = find(nodes_[at].parent);
        if (parent == nowhere) return;
        kept_[parent] = true;
        if (walked_[parent] <= threshold) return;
        at = parent;
    }
    walked_[at] = std::min(walked_[at], threshold);
}

bool History::is_kept(std::string_view commit_id) const {
    const std::size_t at = find(name_of(commit_id));
    return at != nowhere && kept_[at];
}

}  // namespace tarn::gc
