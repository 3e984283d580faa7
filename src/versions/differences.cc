#include "versions/internal/differences.h"

#include <algorithm>

#include "versions/internal/paging.h"

namespace tarn::versions {
namespace {

using committed::DiffEntry;
using committed::DiffType;

constexpr int items_max = 1'000;
constexpr int steps_before_seek = 8;
constexpr int staged_first_page = 100;

// What the right side of a difference holds, or nothing.
const std::string* right_identity(const DiffEntry& entry) {
    return entry.type == DiffType::removed ? nullptr : &entry.right.identity;
}

bool same_outcome(const DiffEntry& one, const DiffEntry& other) {
    const std::string* left = right_identity(one);
    const std::string* right = right_identity(other);
    if (left == nullptr || right == nullptr) return left == right;
    return *left == *right;
}

DiffItem item_of(const DiffEntry& entry) {
    return {.type = entry.type,
            .conflict = false,
            .is_prefix = false,
            .key = entry.key,
            .left = entry.left,
            .right = entry.right};
}

class CommittedDifferences final : public Differences {
public:
    explicit CommittedDifferences(std::unique_ptr<committed::DiffIterator> entries)
        : entries_(std::move(entries)) {}

    Task<bool> seek(std::string key) override {
        const bool valid = co_await entries_->seek(key);
        if (valid) item_ = item_of(entries_->entry());
        co_return valid;
    }

    Task<bool> next() override {
        const bool valid = co_await entries_->next();
        if (valid) item_ = item_of(entries_->entry());
        co_return valid;
    }

    DiffItem& item() override { return item_; }

private:
    std::unique_ptr<committed::DiffIterator> entries_;
    DiffItem item_;
};

class IncomingDifferences final : public Differences {
public:
    IncomingDifferences(std::unique_ptr<committed::DiffIterator> ours,
                        std::unique_ptr<committed::DiffIterator> theirs)
        : ours_(std::move(ours)), theirs_(std::move(theirs)) {}

    Task<bool> seek(std::string key) override {
        const bool valid = co_await theirs_->seek(key);
        ours_begun_ = false;
        co_return co_await settle(valid);
    }

    Task<bool> next() override {
        const bool valid = co_await theirs_->next();
        co_return co_await settle(valid);
    }

    DiffItem& item() override { return item_; }

private:
    // Leaves out what both sides did alike.
    Task<bool> settle(bool valid) {
        while (valid) {
            const DiffEntry& entry = theirs_->entry();
            co_await follow(entry.key);
            const bool both = ours_valid_ && ours_->entry().key == entry.key;
            if (!both || !same_outcome(ours_->entry(), entry)) {
                item_ = item_of(entry);
                item_.conflict = both;
                if (both) item_.left = ours_->entry().right;  // what the branch has now
                co_return true;
            }
            valid = co_await theirs_->next();
        }
        co_return false;
    }

    // Brings our side to the first difference at or after `key`.
    Task<void> follow(const std::string& key) {
        for (int i = 0; ours_begun_ && ours_valid_ && i < steps_before_seek; ++i) {
            if (ours_->entry().key >= key) co_return;
            ours_valid_ = co_await ours_->next();
        }
        if (ours_begun_ && (!ours_valid_ || ours_->entry().key >= key)) co_return;
        ours_valid_ = co_await ours_->seek(key);
        ours_begun_ = true;
    }

    std::unique_ptr<committed::DiffIterator> ours_;    // base to left
    std::unique_ptr<committed::DiffIterator> theirs_;  // base to right
    bool ours_begun_ = false;
    bool ours_valid_ = false;
    DiffItem item_;
};

class StagedDifferences final : public Differences {
public:
    StagedDifferences(Stores& stores, committed::Tree left, committed::Tree head,
                      std::vector<std::string> tokens)
        : entries_(stores.trees.diff(std::move(left), head)),
          staged_(stores.kv, std::move(tokens), staged_first_page),
          head_(stores, std::move(head)) {}

    Task<bool> seek(std::string key) override {
        entries_valid_ = co_await entries_->seek(key);
        staged_valid_ = co_await staged_.seek(std::move(key));
        co_return co_await settle();
    }

    Task<bool> next() override { co_return co_await settle(); }

    DiffItem& item() override { return item_; }

private:
    // Takes keys from both sides until one makes a difference.
    Task<bool> settle() {
        while (entries_valid_ || staged_valid_) {
            const bool committed_first =
                entries_valid_ && (!staged_valid_ || entries_->entry().key < staged_.record().key);
            if (committed_first) {
                item_ = item_of(entries_->entry());
                entries_valid_ = co_await entries_->next();
                co_return true;
            }
            const bool differ = co_await take_staged();
            if (differ) co_return true;
        }
        co_return false;
    }

    // The staged entry hides the committed difference at its key, if there is one.
    Task<bool> take_staged() {
        const staging::StagedRecord record = staged_.record();
        std::optional<committed::Value> left;
        if (entries_valid_ && entries_->entry().key == record.key) {
            const DiffEntry& entry = entries_->entry();
            if (entry.type != DiffType::added) left = entry.left;
            entries_valid_ = co_await entries_->next();
        } else {
            const auto found = co_await head_.at(record.key);
            if (found) left = {std::string(found->identity), std::string(found->data)};
        }
        staged_valid_ = staged_.step();
        if (!staged_valid_) staged_valid_ = co_await staged_.fetch();
        co_return compare(record, std::move(left));
    }

    bool compare(const staging::StagedRecord& record, std::optional<committed::Value> left) {
        item_ = {};
        item_.key = record.key;
        if (record.staged.is_tombstone()) {
            if (!left) return false;
            item_.type = DiffType::removed;
            item_.left = std::move(*left);
            return true;
        }
        if (left && left->identity == record.staged.identity) return false;
        item_.type = left ? DiffType::changed : DiffType::added;
        if (left) item_.left = std::move(*left);
        item_.right = {record.staged.identity, record.staged.data};
        return true;
    }

    std::unique_ptr<committed::DiffIterator> entries_;
    staging::Iterator staged_;
    Lookup head_;
    bool entries_valid_ = false;
    bool staged_valid_ = false;
    DiffItem item_;
};

}  // namespace

std::unique_ptr<Differences> committed_differences(Stores& stores, committed::Tree left,
                                                   committed::Tree right) {
    return std::make_unique<CommittedDifferences>(
        stores.trees.diff(std::move(left), std::move(right)));
}

std::unique_ptr<Differences> incoming_differences(Stores& stores, committed::Tree base,
                                                  committed::Tree left, committed::Tree right) {
    auto ours = stores.trees.diff(base, std::move(left));
    auto theirs = stores.trees.diff(std::move(base), std::move(right));
    return std::make_unique<IncomingDifferences>(std::move(ours), std::move(theirs));
}

std::unique_ptr<Differences> staged_differences(Stores& stores, committed::Tree left,
                                                committed::Tree head,
                                                std::vector<std::string> tokens) {
    return std::make_unique<StagedDifferences>(stores, std::move(left), std::move(head),
                                               std::move(tokens));
}

Task<DiffPage> page_of(Differences& differences, const DiffQuery& query) {
    DiffPage page;
    const auto limit = static_cast<std::size_t>(std::clamp(query.limit, 1, items_max));
    auto start = first_key(query.prefix, query.after, query.delimiter);
    if (!start) co_return page;
    bool valid = co_await differences.seek(std::move(*start));
    while (valid && differences.item().key.starts_with(query.prefix)) {
        if (page.items.size() == limit) {
            page.more = true;
            break;
        }
        DiffItem& item = differences.item();
        std::string rolled_up(common_prefix(item.key, query.prefix, query.delimiter));
        if (rolled_up.empty()) {
            page.items.push_back(std::move(item));
            valid = co_await differences.next();
            continue;
        }
        DiffItem prefix;
        prefix.type = DiffType::changed;
        prefix.is_prefix = true;
        prefix.key = rolled_up;
        page.items.push_back(std::move(prefix));
        auto next = after_prefix(rolled_up);
        if (!next) break;
        valid = co_await differences.seek(std::move(*next));
    }
    co_return page;
}

}  // namespace tarn::versions
