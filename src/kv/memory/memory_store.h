#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "kv/store.h"

namespace tarn::kv {

// A store that lives and dies with the process, for tests and trials.
//
// Shape     As Store. A step is visible to all when it is done; nothing is durable.
// Units     Unbounded: it holds what is put into it.
// Threads   Any. Nothing suspends; a mutex is held for one step, or for one page of a scan.
class MemoryStore final : public Store {
public:
    Task<std::vector<Result>> run(std::span<const Step> steps) override;
    Task<std::vector<Pair>> scan(std::string_view partition, std::string_view from,
                                 int limit) override;
    Task<void> drop(std::string_view partition) override;
    Task<std::vector<std::string>> partitions(std::string_view after, int limit) override;

private:
    using Rows = std::map<std::string, std::string, std::less<>>;

    Result take(const Find& step);
    Result take(const Put& step);
    Result take(const Remove& step);
    Result take(const PutIf& step);
    const std::string* find_row(const Key& key) const;

    std::mutex mutex_;
    std::map<std::string, Rows, std::less<>> partitions_;  // never holds an empty partition
};

}  // namespace tarn::kv
