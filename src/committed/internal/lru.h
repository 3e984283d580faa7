#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace tarn::committed {

// A cache of shared immutable values with a budget; the least recently used make room.
// Shape    Split into parts by the hash of the key, each with its own lock and share of the budget.
// Threads  Any.
// Limits   The costs given with the values sum up to `budget` at most; a value whose cost exceeds
//          the share of a part is not kept.
template <class Key, class Value, class Hash>
class Lru {
public:
    explicit Lru(std::uint64_t budget) : part_budget_(budget / parts_count) {}

    std::shared_ptr<const Value> find(const Key& key) {
        Part& part = part_of(key);
        const std::lock_guard lock(part.mutex);
        const auto found = part.index.find(key);
        if (found == part.index.end()) return nullptr;
        part.order.splice(part.order.begin(), part.order, found->second);
        return found->second->value;
    }

    void insert(const Key& key, std::shared_ptr<const Value> value, std::uint64_t cost) {
        if (cost > part_budget_) return;
        std::list<Item> dropped;  // destroyed without the lock
        Part& part = part_of(key);
        const std::lock_guard lock(part.mutex);
        const auto found = part.index.find(key);
        if (found != part.index.end()) drop(part, found, dropped);
        part.order.push_front({key, std::move(value), cost});
        part.index.emplace(key, part.order.begin());
        part.cost += cost;
        while (part.cost > part_budget_) {
            drop(part, part.index.find(part.order.back().key), dropped);
        }
    }

    void remove(const Key& key) {
        std::list<Item> dropped;
        Part& part = part_of(key);
        const std::lock_guard lock(part.mutex);
        const auto found = part.index.find(key);
        if (found != part.index.end()) drop(part, found, dropped);
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

    struct Item {
        Key key;
        std::shared_ptr<const Value> value;
        std::uint64_t cost;
    };
    using Order = std::list<Item>;
    using Index = std::unordered_map<Key, typename Order::iterator, Hash>;

    struct Part {
        mutable std::mutex mutex;
        Order order;  // most recently used first
        Index index;
        std::uint64_t cost = 0;
    };

    // The upper bits: the map of a part uses the lower ones.
    Part& part_of(const Key& key) {
        return parts_[(Hash()(key) * 0x9e3779b97f4a7c15ULL >> 48) % parts_count];
    }

    static void drop(Part& part, typename Index::iterator found, std::list<Item>& dropped) {
        part.cost -= found->second->cost;
        dropped.splice(dropped.end(), part.order, found->second);
        part.index.erase(found);
    }

    std::uint64_t part_budget_;
    std::array<Part, parts_count> parts_;
};

}  // namespace tarn::committed
