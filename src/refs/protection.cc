#include "refs/protection.h"

#include <fmt/format.h>
#include <algorithm>
#include <mutex>
#include <unordered_map>

#include "base/error.h"
#include "base/ids.h"
#include "refs/internal/rows.h"

namespace tarn::refs {
namespace {

constexpr std::chrono::milliseconds cached_for{3'000};
constexpr int jitter_ms = 3'000;
constexpr std::size_t repositories_cached_max = 10'000;

// A malformed pattern is stored like any other; it protects nothing.
bool blocks(const std::string& pattern, const std::string& branch) {
    try {
        return matches_glob(pattern, branch);
    } catch (const Error&) {
        return false;
    }
}

bool blocks(const ProtectionRules& rules, const std::string& branch, BlockedAction action) {
    return std::ranges::any_of(rules.patterns, [&](const auto& rule) {
        const auto& [pattern, actions] = rule;
        return std::ranges::find(actions, action) != actions.end() && blocks(pattern, branch);
    });
}

}  // namespace

struct Protection::State {
    struct Cached {
        std::shared_ptr<const ProtectionRules> rules;
        Time until;
    };

    State(kv::Store& kv_store, const Clock& time) : store(kv_store), clock(time) {}

    std::shared_ptr<const ProtectionRules> cached(const std::string& partition) {
        const std::lock_guard lock(mutex);
        const auto found = rules_of.find(partition);
        if (found == rules_of.end() || found->second.until < clock.now()) return nullptr;
        return found->second.rules;
    }

    void remember(const std::string& partition, ProtectionRules rules) {
        const auto random = static_cast<unsigned char>(random_bytes(1)[0]);
        const Time until =
            clock.now() + cached_for + std::chrono::milliseconds(random * jitter_ms / 256);
        const std::lock_guard lock(mutex);
        if (rules_of.size() >= repositories_cached_max) rules_of.clear();
        rules_of[partition] = {std::make_shared<const ProtectionRules>(std::move(rules)), until};
    }

    kv::Store& store;
    const Clock& clock;
    std::mutex mutex;
    std::unordered_map<std::string, Cached> rules_of;
};

Protection::Protection(kv::Store& store, const Clock& clock)
    : state_(std::make_unique<State>(store, clock)) {}
Protection::~Protection() = default;

Task<ProtectionRules> Protection::get(Repository repository) {
    kv::Key key = protection_key(repository);
    const auto bytes = co_await kv::find(state_->store, std::move(key));
    ProtectionRules rules = decode_rules(bytes.value_or(""));
    state_->remember(repository.partition(), rules);
    co_return rules;
}

Task<bool> Protection::is_blocked(Repository repository, std::string branch, BlockedAction action) {
    const auto cached = state_->cached(repository.partition());
    if (cached) co_return blocks(*cached, branch, action);
    const ProtectionRules rules = co_await get(std::move(repository));
    co_return blocks(rules, branch, action);
}

Task<bool> Protection::set(Repository repository, ProtectionRules rules,
                           std::optional<std::string> if_match) {
    const kv::Key key = protection_key(repository);
    const std::string bytes = encode_rules(rules);
    bool done = true;
    if (!if_match) {
        co_await kv::put(state_->store, key, bytes);
    } else if (if_match->empty()) {
        // An empty list is stored as an empty value, whose checksum is empty too.
        const auto stored = co_await kv::find(state_->store, key);
        if (stored && !stored->empty()) co_return false;
        const kv::Expected expected = stored ? kv::equals(*stored) : kv::Expected(kv::absent);
        done = co_await kv::put_if(state_->store, key, bytes, expected);
    } else {
        const auto stored = co_await kv::find(state_->store, key);
        if (!stored || decode_rules(*stored).checksum != *if_match) co_return false;
        done = co_await kv::put_if(state_->store, key, bytes, kv::equals(*stored));
    }
    if (done) state_->remember(repository.partition(), decode_rules(bytes));
    co_return done;
}

}  // namespace tarn::refs
