#include "refs/refs.h"

#include <fmt/format.h>
#include <algorithm>

#include "base/error.h"
#include "base/ids.h"
#include "refs/internal/rows.h"
#include "refs/internal/state.h"

namespace tarn::refs {
namespace {

constexpr std::size_t commit_cache_bytes = 64 * 1024 * 1024;
constexpr std::size_t repositories_cached_max = 10'000;
constexpr std::chrono::milliseconds repository_cached_for{5'000};
constexpr int repository_jitter_ms = 2'000;

std::string cache_key(const Repository& repository, std::string_view id) {
    std::string key;
    key.reserve(repository.id.size() + repository.instance_uid.size() + id.size() + 1);
    key.append(repository.id).append("-").append(repository.instance_uid).append(id);
    return key;
}

std::size_t footprint(const StoredCommit& stored) {
    constexpr std::size_t overhead = 512;
    const Commit& commit = stored.commit;
    std::size_t bytes = overhead + commit.committer.size() + commit.message.size();
    for (const auto& [key, value] : commit.metadata) bytes += 100 + key.size() + value.size();
    return bytes + commit.parents.size() * 100;
}

}  // namespace

std::shared_ptr<const StoredCommit> CommitCache::find(const Repository& repository,
                                                      std::string_view id) {
    const std::string key = cache_key(repository, id);
    const std::lock_guard lock(mutex_);
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return nullptr;
    items_.splice(items_.begin(), items_, found->second);
    return found->second->commit;
}

void CommitCache::add(const Repository& repository, std::shared_ptr<const StoredCommit> commit) {
    std::string key = cache_key(repository, commit->commit.id);
    const std::size_t bytes = footprint(*commit);
    const std::lock_guard lock(mutex_);
    if (by_key_.contains(key)) return;
    items_.push_front({std::move(key), std::move(commit), bytes});
    by_key_.emplace(items_.front().key, items_.begin());
    bytes_ += bytes;
    while (bytes_ > bytes_max_ && items_.size() > 1) {
        bytes_ -= items_.back().bytes;
        by_key_.erase(items_.back().key);
        items_.pop_back();
    }
}

std::shared_ptr<const Repository> RepositoryCache::find(const std::string& id) {
    const std::lock_guard lock(mutex_);
    const auto found = items_.find(id);
    if (found == items_.end() || found->second.until < clock_.now()) return nullptr;
    return found->second.repository;
}

void RepositoryCache::add(const Repository& repository) {
    const auto random = static_cast<unsigned char>(random_bytes(1)[0]);
    const std::chrono::milliseconds jitter(random * repository_jitter_ms / 256);
    const Time until = clock_.now() + repository_cached_for + jitter;
    const std::lock_guard lock(mutex_);
    if (items_.size() >= repositories_cached_max) items_.clear();
    items_[repository.id] = {std::make_shared<const Repository>(repository), until};
}

void RepositoryCache::remove(const std::string& id) {
    const std::lock_guard lock(mutex_);
    items_.erase(id);
}

Refs::State::State(kv::Store& kv_store, const Clock& time)
    : store(kv_store),
      clock(time),
      protection(kv_store, time),
      commits(commit_cache_bytes),
      repositories(time) {}

Refs::Refs(kv::Store& store, const Clock& clock) : state_(std::make_unique<State>(store, clock)) {}
Refs::~Refs() = default;

kv::Store& Refs::store() {
    return state_->store;
}
const Clock& Refs::clock() const {
    return state_->clock;
}
Protection& Refs::protection() {
    return state_->protection;
}

void refuse_name(std::string_view what, std::string_view name) {
    throw Error(Code::invalid_argument, fmt::format("'{}' is not a valid {} name", name, what),
                "bad_name");
}

}  // namespace tarn::refs
