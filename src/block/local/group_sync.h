#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/signal.h"
#include "base/task.h"
#include "block/local/file_system.h"

namespace tarn::block {

// Makes many small changes durable with one sync: while the sync of one group is in flight, the
// next group collects. The changes themselves are made by the group's thread, one after another.
//
// Threads   Any context may call `run`; the caller resumes on its own, the whole group at once.
// Lifetime  The destructor finishes what was queued.
// Limits    Up to `group_max` changes a sync. What waits is bounded by the callers.
// Errors    What `change` throws, for its caller alone; it is not synced then. unavailable: the
// sync
//           failed, for the whole group, and for every later one that wrote before the failure.
class GroupSync {
public:
    static constexpr std::size_t group_max = 512;

    explicit GroupSync(FileSystem& files);
    ~GroupSync();

    // How many syncs have failed. Who writes outside of `run` takes the figure before the first
    // byte and passes it on, because a failure is reported only once, and perhaps to another group.
    std::uint64_t failures() const;
    // How many changes wait for their group to begin.
    std::size_t waiting() const;

    // Makes a change and returns when it is durable, with all that was done since
    // `failures_before`.
    Task<void> run(std::function<void()> change, std::uint64_t failures_before);
    Task<void> run(std::function<void()> change);

private:
    struct Item {
        std::function<void()> change;
        std::uint64_t failures_before = 0;
        std::exception_ptr error = nullptr;
        Signal done;
    };

    void serve();
    // The next one, or null when none waits or the group is full.
    Item* take(std::size_t group_size);
    static void make(Item& item);
    // Syncs a group whose changes are made, and answers it.
    void settle(const std::vector<Item*>& group);

    FileSystem& files_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Item*> waiting_;
    std::uint64_t failures_ = 0;
    bool idle_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace tarn::block
