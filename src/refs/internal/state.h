#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "refs/refs.h"

namespace tarn::refs {

// A commit as it is stored, and the id that its content gives.
struct StoredCommit {
    Commit commit;
    std::string content_id;
};

// Commits never change: they leave the cache only for room. Threads  Any.
class CommitCache {
public:
    explicit CommitCache(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    std::shared_ptr<const StoredCommit> find(const Repository& repository, std::string_view id);
    void add(const Repository& repository, std::shared_ptr<const StoredCommit> commit);

private:
    struct Item {
        std::string key;
        std::shared_ptr<const StoredCommit> commit;
        std::size_t bytes = 0;
    };

    const std::size_t bytes_max_;
    std::mutex mutex_;
    std::size_t bytes_ = 0;
    std::list<Item> items_;  // most recently used first
    std::unordered_map<std::string_view, std::list<Item>::iterator> by_key_;
};

// Repository records, for a few seconds each. Threads  Any.
class RepositoryCache {
public:
    explicit RepositoryCache(const Clock& clock) : clock_(clock) {}

    std::shared_ptr<const Repository> find(const std::string& id);
    void add(const Repository& repository);
    void remove(const std::string& id);

private:
    struct Item {
        std::shared_ptr<const Repository> repository;
        Time until;
    };

    const Clock& clock_;
    std::mutex mutex_;
    std::unordered_map<std::string, Item> items_;
};

struct Refs::State {
    State(kv::Store& kv_store, const Clock& time);

    Task<std::shared_ptr<const StoredCommit>> find_commit(const Repository& repository,
                                                          const std::string& id);

    kv::Store& store;
    const Clock& clock;
    Protection protection;
    CommitCache commits;
    RepositoryCache repositories;
};

[[noreturn]] void refuse_name(std::string_view what, std::string_view name);

}  // namespace tarn::refs
