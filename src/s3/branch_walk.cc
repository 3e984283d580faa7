#include "s3/branch_walk.h"

#include "refs/names.h"

namespace tarn::s3 {
namespace {

constexpr int page_size = 1'000;

}  // namespace

BranchWalk::BranchWalk(refs::Refs& refs, refs::Repository repository, std::string prefix,
                       std::string after)
    : refs_(refs),
      repository_(std::move(repository)),
      prefix_(std::move(prefix)),
      after_(std::move(after)) {}

Task<void> BranchWalk::hold_if_branch(std::string name) {
    if (!name.starts_with(prefix_) || !refs::is_branch_name(name)) co_return;
    const auto record = co_await refs_.find_branch(repository_, name);
    const bool is_before = name + "/" <= after_ && !after_.starts_with(name + "/");
    if (record && !record->branch.hidden && !is_before) held_.push_back(std::move(name));
}

// Branches whose names sort up to the cursor's, though they follow it with their slash: its own
// name, and beginnings of it that go on with a character before the slash.
Task<void> BranchWalk::start() {
    started_ = true;
    const auto slash = after_.find('/');
    const auto name = after_.substr(0, slash);
    page_after_ = name;
    for (std::size_t size = 1; size <= name.size(); ++size) {
        const bool is_whole = size == name.size();
        if (!is_whole && name[size] >= '/') continue;
        co_await hold_if_branch(name.substr(0, size));
    }
}

Task<std::optional<std::string>> BranchWalk::next_name() {
    while (page_.empty() && more_pages_) {
        const auto page =
            co_await refs_.list_branches(repository_, prefix_, page_after_, page_size, false);
        more_pages_ = page.more;
        for (auto branch = page.items.rbegin(); branch != page.items.rend(); ++branch) {
            // Names behind the cursor's may sort before it with their slash.
            if (branch->id + "/" > after_) page_.push_back(branch->id);
        }
        if (!page.items.empty()) page_after_ = page.items.back().id;
    }
    if (page_.empty()) co_return std::nullopt;
    auto name = std::move(page_.back());
    page_.pop_back();
    co_return name;
}

std::string BranchWalk::release() {
    auto name = std::move(held_.back());
    held_.pop_back();
    return name;
}

Task<std::optional<std::string>> BranchWalk::next() {
    if (!started_) co_await start();
    for (;;) {
        if (!ahead_) ahead_ = co_await next_name();
        if (!ahead_) {
            if (held_.empty()) co_return std::nullopt;
            co_return release();
        }
        if (!held_.empty() && held_.back() + "/" < *ahead_ + "/") co_return release();
        held_.push_back(std::move(*ahead_));
        ahead_.reset();
    }
}

}  // namespace tarn::s3
