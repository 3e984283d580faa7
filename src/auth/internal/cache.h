#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"

namespace tarn::auth::internal {

// Values by name that may be a little old.
// Threads  Any.
// Limits   20 s and 1,024 values; what is oldest goes first.
template <class Value>
class Cache {
public:
    static constexpr std::chrono::seconds age_max{20};
    static constexpr std::size_t values_max = 1024;

    std::shared_ptr<const Value> find(std::string_view name, Time now) const {
        const std::lock_guard lock(mutex_);
        const auto found = slots_.find(name);
        if (found == slots_.end() || now - found->second.stored > age_max) return nullptr;
        return found->second.value;
    }

    // As `find`, whatever the age.
    std::shared_ptr<const Value> find_stale(std::string_view name) const {
        const std::lock_guard lock(mutex_);
        const auto found = slots_.find(name);
        return found == slots_.end() ? nullptr : found->second.value;
    }

    void put(std::string name, std::shared_ptr<const Value> value, Time now) {
        const std::lock_guard lock(mutex_);
        if (slots_.size() >= values_max && !slots_.contains(name)) remove_oldest();
        slots_.insert_or_assign(std::move(name), Slot{std::move(value), now});
    }

    void remove(std::string_view name) {
        const std::lock_guard lock(mutex_);
        const auto found = slots_.find(name);
        if (found != slots_.end()) slots_.erase(found);
    }

    void clear() {
        const std::lock_guard lock(mutex_);
        slots_.clear();
    }

private:
    struct Slot {
        std::shared_ptr<const Value> value;
        Time stored;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view name) const {
            return std::hash<std::string_view>()(name);
        }
    };

    void remove_oldest() {
        auto oldest = slots_.begin();
        for (auto slot = slots_.begin(); slot != slots_.end(); ++slot) {
            if (slot->second.stored < oldest->second.stored) oldest = slot;
        }
        slots_.erase(oldest);
    }

    mutable std::mutex mutex_;
    std::unordered_map<std::string, Slot, Hash, std::equal_to<>> slots_;
};

}  // namespace tarn::auth::internal
