#include "versions/internal/view.h"
#include "versions/internal/paging.h"

namespace tarn::versions {
namespace {

constexpr int steps_before_seek = 8;

}  // namespace

View::View(Stores& stores, committed::Tree tree, std::vector<std::string> tokens, int first_page)
    : committed_(stores.trees.iterate(std::move(tree))) {
    if (!tokens.empty()) staged_.emplace(stores.kv, std::move(tokens), first_page);
}

Task<bool> View::seek(std::string key) {
    committed_waits_ = false;
    staged_waits_ = false;
    committed_valid_ = co_await committed_->seek(key);
    if (staged_) staged_valid_ = co_await staged_->seek(std::move(key));
    if (settle()) co_return true;
    co_return co_await cross();
}

void View::leave_committed() {
    committed_valid_ = committed_->step();
    committed_waits_ = !committed_valid_;
}

void View::leave_staged() {
    staged_valid_ = staged_->step();
    staged_waits_ = !staged_valid_;
}

// Chooses the record to show, passing deleted ones; false when a side must be awaited or both
// ended.
bool View::settle() {
    while (!committed_waits_ && !staged_waits_ && (committed_valid_ || staged_valid_)) {
        if (!staged_valid_) {
            shows_staged_ = false;
            return true;
        }
        const staging::StagedRecord& staged = staged_->record();
        if (committed_valid_) {
            const int order = committed_->record().key.compare(staged.key);
            if (order < 0) {
                shows_staged_ = false;
                return true;
            }
            // The staged entry hides the committed one, whatever it is.
            if (order == 0) {
                leave_committed();
                if (committed_waits_) return false;
            }
        }
        if (!staged.staged.is_tombstone()) {
            shows_staged_ = true;
            return true;
        }
        leave_staged();
    }
    return false;
}

bool View::step() {
    if (shows_staged_) {
        leave_staged();
    } else {
        leave_committed();
    }
    return settle();
}

Task<bool> View::cross() {
    while (committed_waits_ || staged_waits_) {
        if (committed_waits_) committed_valid_ = co_await committed_->cross();
        committed_waits_ = false;
        if (staged_waits_) staged_valid_ = co_await staged_->fetch();
        staged_waits_ = false;
        if (settle()) co_return true;
    }
    co_return false;
}

Task<bool> View::skip(std::string prefix) {
    for (int i = 0; i < steps_before_seek; ++i) {
        bool valid = step();
        if (!valid) valid = co_await cross();
        if (!valid || !record().key.starts_with(prefix)) co_return valid;
    }
    auto next = after_prefix(prefix);
    if (!next) co_return false;
    co_return co_await seek(std::move(*next));
}

committed::RecordView View::record() const {
    if (!shows_staged_) return committed_->record();
    const staging::StagedRecord& staged = staged_->record();
    return {staged.key, staged.staged.identity, staged.staged.data};
}

Lookup::Lookup(Stores& stores, committed::Tree tree)
    : records_(stores.trees.iterate(std::move(tree))) {}

Task<std::optional<committed::RecordView>> Lookup::at(std::string key) {
    for (int i = 0; begun_ && valid_ && i < steps_before_seek; ++i) {
        if (records_->record().key >= key) break;
        valid_ = records_->step();
        if (!valid_) valid_ = co_await records_->cross();
    }
    const bool behind = !begun_ || (valid_ && records_->record().key < key);
    if (behind) valid_ = co_await records_->seek(key);
    begun_ = true;
    if (!valid_ || records_->record().key != key) co_return std::nullopt;
    co_return records_->record();
}

Task<bool> differs(Stores& stores, std::vector<std::string> tokens, committed::Tree tree) {
    if (tokens.empty()) co_return false;
    staging::Iterator staged(stores.kv, std::move(tokens), 100);
    Lookup lookup(stores, std::move(tree));
    bool valid = co_await staged.seek("");
    while (valid) {
        const staging::StagedRecord& record = staged.record();
        const auto committed = co_await lookup.at(record.key);
        const bool same = record.staged.is_tombstone()
                              ? !committed
                              : committed && committed->identity == record.staged.identity;
        if (!same) co_return true;
        valid = staged.step();
        if (!valid) valid = co_await staged.fetch();
    }
    co_return false;
}

Task<committed::Tree> tree_of(Stores& stores, const refs::Repository& repository,
                              const std::string& commit_id) {
    std::string id = co_await stores.refs.get_tree_id(repository, commit_id);
    co_return committed::Tree{repository.storage_namespace, std::move(id)};
}

}  // namespace tarn::versions
