#include "versions/hints.h"

#include <array>
#include <list>
#include <mutex>
#include <unordered_map>

namespace tarn::versions {
namespace {

constexpr std::size_t branches_max = 100'000;
constexpr std::size_t shards = 16;

std::string key_of(const refs::Repository& repository, const std::string& branch) {
    std::string key;
    key.reserve(repository.id.size() + repository.instance_uid.size() + branch.size() + 2);
    key.append(repository.id).append("-").append(repository.instance_uid);
    key.append("/").append(branch);
    return key;
}

struct Item {
    std::string key;
    Hints::Hint hint;
};

struct Shard {
    std::mutex mutex;
    std::list<Item> items;  // the latest seen first
    std::unordered_map<std::string_view, std::list<Item>::iterator> by_key;
};

}  // namespace

struct Hints::State {
    const Clock& clock;
    std::array<Shard, shards> parts;

    Shard& shard_of(const std::string& key) {
        return parts[std::hash<std::string>{}(key) % shards];
    }
};

Hints::Hints(const Clock& clock) : state_(new State{clock, {}}) {}
Hints::~Hints() = default;

std::optional<Hints::Hint> Hints::find(const refs::Repository& repository,
                                       const std::string& branch) const {
    const std::string key = key_of(repository, branch);
    Shard& shard = state_->shard_of(key);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.by_key.find(key);
    if (found == shard.by_key.end()) return std::nullopt;
    return found->second->hint;
}

void Hints::remember(const refs::Repository& repository,
                     std::shared_ptr<const refs::BranchRecord> record) {
    std::string key = key_of(repository, record->branch.id);
    const Time now = state_->clock.now();
    Shard& shard = state_->shard_of(key);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.by_key.find(key);
    if (found != shard.by_key.end()) {
        found->second->hint = {std::move(record), now};
        shard.items.splice(shard.items.begin(), shard.items, found->second);
        return;
    }
    shard.items.push_front({std::move(key), {std::move(record), now}});
    shard.by_key.emplace(shard.items.front().key, shard.items.begin());
    if (shard.items.size() <= branches_max / shards) return;
    shard.by_key.erase(shard.items.back().key);
    shard.items.pop_back();
}

void Hints::forget(const refs::Repository& repository, const std::string& branch) {
    const std::string key = key_of(repository, branch);
    Shard& shard = state_->shard_of(key);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.by_key.find(key);
    if (found == shard.by_key.end()) return;
    const auto item = found->second;
    shard.by_key.erase(found);
    shard.items.erase(item);
}

}  // namespace tarn::versions
