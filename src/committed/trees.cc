#include "committed/trees.h"

#include <exception>
#include <functional>
#include <utility>

#include "base/error.h"
#include "committed/internal/apply.h"
#include "committed/internal/diff.h"
#include "committed/internal/iterate.h"
#include "committed/internal/merge.h"
#include "committed/internal/range_record.h"
#include "committed/internal/record_cursor.h"
#include "committed/internal/replace.h"
#include "committed/internal/tables.h"
#include "committed/internal/tree_cursor.h"
#include "committed/internal/tree_writer.h"
#include "sstable/envelope.h"

namespace tarn::committed {
namespace {

using At = RecordCursor::At;

// Runs `fill` on a new writer, finishes it, and in any case waits for what is under way.
Task<Applied> write_tree(Tables& tables, const TreesOptions& options, std::string storage_namespace,
                         const sstable::UserProperties& properties,
                         const std::function<Task<Summary>(TreeWriter&)>& fill) {
    TreeWriter writer(tables, options, std::move(storage_namespace), properties);
    Applied applied;
    std::exception_ptr failure;
    try {
        applied.summary = co_await fill(writer);
        applied.tree_id = co_await writer.finish();
    } catch (...) {
        failure = std::current_exception();
    }
    co_await writer.join();
    if (failure) std::rethrow_exception(failure);
    co_return applied;
}

}  // namespace

struct Trees::State {
    State(block::Store& store, Workers& workers, TreesOptions chosen)
        : options(std::move(chosen)), tables(store, workers, options) {}

    TreesOptions options;
    Tables tables;
};

Trees::Trees(block::Store& store, Workers& workers, TreesOptions options)
    : state_(std::make_unique<State>(store, workers, std::move(options))) {}

Trees::~Trees() = default;

Task<std::optional<Value>> Trees::find(Tree tree, std::string key) {
    if (tree.id.empty()) co_return std::nullopt;
    Tables& tables = state_->tables;
    auto metarange = tables.find_open(tree.storage_namespace, tree.id);
    if (!metarange || metarange->kind != Kind::metarange) {
        metarange = co_await tables.open(tree.storage_namespace, tree.id, Kind::metarange);
    }
    RecordCursor headers(tables, std::move(metarange), Reading::sparse);
    At at = headers.seek(key);
    if (at == At::waiting) at = co_await headers.wait();
    if (at == At::end) co_return std::nullopt;
    const RangeInfo info = parse_range_record(headers.value());
    if (key < info.min_key || key > info.max_key) co_return std::nullopt;

    auto range = tables.find_open(tree.storage_namespace, info.id);
    if (!range || range->kind != Kind::range) {
        range = co_await tables.open(tree.storage_namespace, info.id, Kind::range);
    }
    RecordCursor records(tables, std::move(range), Reading::sparse);
    at = records.seek(key);
    if (at == At::waiting) at = co_await records.wait();
    if (at == At::end || records.key() != key) co_return std::nullopt;
    const RecordView found = records.record();
    co_return Value{std::string(found.identity), std::string(found.data)};
}

std::unique_ptr<Iterator> Trees::iterate(Tree tree) {
    return make_iterator(state_->tables, std::move(tree));
}

Task<Applied> Trees::apply(Tree base, ChangeSource& changes) {
    Tables& tables = state_->tables;
    const std::function<Task<Summary>(TreeWriter&)> fill = [&](TreeWriter& writer) {
        return apply_changes(tables, base, changes, writer);
    };
    const sstable::UserProperties none;
    co_return co_await write_tree(tables, state_->options, base.storage_namespace, none, fill);
}

Task<std::string> Trees::write(std::string storage_namespace, ChangeSource& records,
                               std::map<std::string, std::string> properties) {
    Tables& tables = state_->tables;
    const std::function<Task<Summary>(TreeWriter&)> fill = [&](TreeWriter& writer) {
        return apply_changes(tables, Tree{storage_namespace, {}}, records, writer);
    };
    Applied applied =
        co_await write_tree(tables, state_->options, storage_namespace, properties, fill);
    co_return std::move(applied.tree_id);
}

std::unique_ptr<DiffIterator> Trees::diff(Tree left, Tree right) {
    return make_diff(state_->tables, std::move(left), std::move(right));
}

Task<Merged> Trees::merge(Tree source, Tree destination, Tree base, Strategy strategy) {
    Tables& tables = state_->tables;
    if (destination.id == base.id) {
        // Only the source has changed: its tree is the result as it is.
        const Summary summary = co_await count_differences(tables, destination, source);
        co_return Merged{source.id, summary};
    }
    const MergeTrees trees{source, destination, base};
    const std::function<Task<Summary>(TreeWriter&)> fill = [&](TreeWriter& writer) {
        return merge_trees(tables, trees, strategy, writer);
    };
    const sstable::UserProperties none;
    Applied applied =
        co_await write_tree(tables, state_->options, destination.storage_namespace, none, fill);
    co_return Merged{std::move(applied.tree_id), applied.summary};
}

Task<Merged> Trees::replace(Tree source, Tree destination, std::vector<std::string> prefixes) {
    Tables& tables = state_->tables;
    const Prefixes dropped(std::move(prefixes));
    const std::function<Task<Summary>(TreeWriter&)> fill = [&](TreeWriter& writer) {
        return replace_keys(tables, source, destination, dropped, writer);
    };
    const sstable::UserProperties none;
    Applied applied =
        co_await write_tree(tables, state_->options, destination.storage_namespace, none, fill);
    co_return Merged{std::move(applied.tree_id), applied.summary};
}

Task<std::vector<RangeInfo>> Trees::ranges(Tree tree) {
    std::vector<RangeInfo> all;
    TreeCursor cursor(state_->tables, std::move(tree), Reading::sparse);
    co_await cursor.start();
    while (!cursor.at_end()) {
        all.push_back(cursor.range());
        co_await cursor.skip();
    }
    co_return all;
}

Task<bool> Trees::exists(Tree tree) {
    if (tree.id.empty()) co_return true;
    co_return co_await state_->tables.exists(tree.storage_namespace, tree.id);
}

std::string Trees::address_of(std::string_view id) const {
    return state_->tables.address_of(id);
}

}  // namespace tarn::committed
