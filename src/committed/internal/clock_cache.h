#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace tarn::committed {

// A cache of shared immutable values with a budget; what has not been used lately makes room. The
// clock algorithm (second chance) stands in for the exact order of use, because a hit then writes
// one byte only, beside what it reads anyway.
//
// Shape    Split into parts by the hash of the key, each with its own lock and share of the budget.
// Threads  Any.
// Limits   The costs given with the values sum up to `budget` at most; a value whose cost exceeds
//          the share of a part is not kept.
template <class Key, class Value, class Hash>
class ClockCache {
public:
    explicit ClockCache(std::uint64_t budget) : part_budget_(budget / parts_count) {}

    std::shared_ptr<const Value> find(const Key& key) {
        Part& part = part_of(key);
        const std::lock_guard lock(part.mutex);
        const auto found = part.items.find(key);
        if (found == part.items.end()) return nullptr;
        found->second.used = true;
        return found->second.value;
    }

    void insert(const Key& key, std::shared_ptr<const Value> value, std::uint64_t cost) {
        if (cost > part_budget_) return;
        Dropped dropped;  // destroyed without the lock
        Part& part = part_of(key);
        const std::lock_guard lock(part.mutex);
        const auto found = part.items.find(key);
        if (found != part.items.end()) drop(part, found, dropped);
        while (part.cost + cost > part_budget_) drop_one(part, dropped);
        const auto added = part.items.emplace(key, Item{std::move(value), cost, false, {}}).first;
        part.cost += cost;
        part.hand.push_back(&added->first);
        added->second.place = std::prev(part.hand.end());
    }

    void remove(const Key& key) {
        Dropped dropped;
        Part& part = part_of(key);
        const std::lock_guard lock(part.mutex);
        const auto found = part.items.find(key);
        if (found != part.items.end()) drop(part, found, dropped);
    }

    // The sum of what is kept.
    std::uint64_t cost() const {
        std::uint64_t sum = 0;
        for (const Part& part : parts_) {
            const std::lock_guard lock(part.mutex);
            sum += part.cost;
        }
        return sum;
    }

private:
    static constexpr std::size_t parts_count = 16;

    using Hand = std::list<const Key*>;  // the next to be looked at first
    using Dropped = std::list<std::shared_ptr<const Value>>;

    struct Item {
        std::shared_ptr<const Value> value;
        std::uint64_t cost;
        bool used;  // since the hand passed it
        typename Hand::iterator place;
    };
    using Items = std::unordered_map<Key, Item, Hash>;

    struct Part {
        mutable std::mutex mutex;
        Items items;
        Hand hand;
        std::uint64_t cost = 0;
    };

    // By the upper bits of the hash: the map of a part uses the lower ones.
    Part& part_of(const Key& key) {
        return parts_[(Hash()(key) * 0x9e3779b97f4a7c15ULL >> 48) % parts_count];
    }

    static void drop(Part& part, typename Items::iterator found, Dropped& dropped) {
        part.cost -= found->second.cost;
        part.hand.erase(found->second.place);
        dropped.push_back(std::move(found->second.value));
        part.items.erase(found);
    }

    // Drops the first that was not used since the hand passed it. Requires that there is one item.
    static void drop_one(Part& part, Dropped& dropped) {
        for (;;) {
            const auto first = part.items.find(*part.hand.front());
            if (!first->second.used) return drop(part, first, dropped);
            first->second.used = false;
            part.hand.splice(part.hand.end(), part.hand, part.hand.begin());
        }
    }

    std::uint64_t part_budget_;
    std::array<Part, parts_count> parts_;
};

}  // namespace tarn::committed
