#include "block/local/group_sync.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace tarn::block {

GroupSync::GroupSync(FileSystem& files) : files_(files), thread_([this] { serve(); }) {}

GroupSync::~GroupSync() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

std::uint64_t GroupSync::failures() const {
    const std::scoped_lock lock(mutex_);
    return failures_;
}

std::size_t GroupSync::waiting() const {
    const std::scoped_lock lock(mutex_);
    return waiting_.size();
}

Task<void> GroupSync::run(std::function<void()> change) {
    co_await run(std::move(change), failures());
}

Task<void> GroupSync::run(std::function<void()> change, std::uint64_t failures_before) {
    Item item;
    item.change = std::move(change);
    item.failures_before = failures_before;
    bool was_idle = false;
    {
        const std::scoped_lock lock(mutex_);
        waiting_.push_back(&item);
        was_idle = std::exchange(idle_, false);
    }
    if (was_idle) wake_.notify_one();
    co_await item.done.wait();
    if (item.error) std::rethrow_exception(item.error);
}

void GroupSync::serve() {
    std::vector<Item*> group;
    for (;;) {
        group.clear();
        {
            std::unique_lock lock(mutex_);
            idle_ = waiting_.empty();
            wake_.wait(lock, [&] { return !waiting_.empty() || stopping_; });
            idle_ = false;
            if (waiting_.empty()) return;
        }
        // What comes while the changes are made belongs to the same group.
        while (Item* const item = take(group.size())) {
            make(*item);
            group.push_back(item);
        }
        settle(group);
    }
}

GroupSync::Item* GroupSync::take(std::size_t group_size) {
    const std::scoped_lock lock(mutex_);
    if (waiting_.empty() || group_size == group_max) return nullptr;
    Item* const item = waiting_.front();
    waiting_.pop_front();
    return item;
}

void GroupSync::make(Item& item) {
    try {
        item.change();
    } catch (...) {
        item.error = std::current_exception();
    }
}

void GroupSync::settle(const std::vector<Item*>& group) {
    const bool any = std::ranges::any_of(group, [](const Item* item) { return !item->error; });
    const int result = any ? files_.sync_all() : 0;
    std::uint64_t failed = 0;
    {
        const std::scoped_lock lock(mutex_);
        if (result < 0) ++failures_;
        failed = failures_;
    }
    std::vector<Signal> signals;
    signals.reserve(group.size());
    for (Item* item : group) {
        if (!item->error && item->failures_before != failed) {
            item->error = std::make_exception_ptr(
                Error(Code::unavailable, "the local store could not be synced to its disk"));
        }
        signals.push_back(item->done);
    }
    Signal::notify_all(signals);
}

}  // namespace tarn::block
