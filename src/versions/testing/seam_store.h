#pragma once

#include <atomic>
#include <functional>

#include "kv/store.h"

namespace tarn::versions {

// A key-value store that takes the steps of a call one by one, and lets a test act between them.
// Threads  As the store below; `before` is set before use.
class SeamStore final : public kv::Store {
public:
    explicit SeamStore(kv::Store& below) : below_(below) {}

    // Awaited before each step of `run`; what it does to the store comes in between.
    std::function<Task<void>(const kv::Step& step)> before;
    // Awaited before each page of a scan.
    std::function<Task<void>(std::string_view partition)> before_scan;

    Task<std::vector<kv::Result>> run(std::span<const kv::Step> steps) override;
    Task<std::vector<kv::Pair>> scan(std::string_view partition, std::string_view from,
                                     int limit) override;
    Task<void> drop(std::string_view partition) override;
    Task<std::vector<std::string>> partitions(std::string_view after, int limit) override;

private:
    kv::Store& below_;
};

// A store with a bug that tests must catch: it answers reads of branch records from before the
// other steps of the call, as one transaction for all of them would.
class EagerStore final : public kv::Store {
public:
    explicit EagerStore(kv::Store& below) : below_(below) {}

    Task<std::vector<kv::Result>> run(std::span<const kv::Step> steps) override;
    Task<std::vector<kv::Pair>> scan(std::string_view partition, std::string_view from,
                                     int limit) override;
    Task<void> drop(std::string_view partition) override;
    Task<std::vector<std::string>> partitions(std::string_view after, int limit) override;

private:
    void linger() const;

    kv::Store& below_;
    std::atomic<long> calls_{0};
};

}  // namespace tarn::versions
