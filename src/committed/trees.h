#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/task.h"
#include "base/workers.h"
#include "block/store.h"
#include "committed/value.h"

namespace tarn::committed {

// A tree of committed records: a metarange, named by its id (64 hexadecimal digits; empty: no
// records), in a storage namespace.
struct Tree {
    std::string storage_namespace;
    std::string id;
};

struct RangeInfo {
    std::string id;
    std::string min_key;
    std::string max_key;
    std::int64_t count = 0;
    std::uint64_t estimated_size = 0;
};

// Records of a tree in key order. `step` is a plain call as long as what follows is at hand;
// `cross` goes on where it is not: at the border of a range, or before a block that must be
// fetched.
//     bool valid = co_await it->seek(from);
//     while (valid) { use(it->record()); valid = it->step(); if (!valid) valid = co_await
//     it->cross(); }
class Iterator {
public:
    virtual ~Iterator() = default;
    // To the first record at or after `key`; false at the end.
    virtual Task<bool> seek(std::string_view key) = 0;
    // To the next record; false when `cross` must be awaited for it. There is no record() then.
    virtual bool step() = 0;
    // To the next record, after a `step` that returned false; false at the end of the tree.
    virtual Task<bool> cross() = 0;
    // The record that it stands at; valid until it moves.
    virtual RecordView record() const = 0;
};

// One change to apply: a value, or nothing to remove the key.
struct Change {
    std::string key;
    std::optional<Value> value;
};

// Changes in ascending key order, without repeats.
class ChangeSource {
public:
    virtual ~ChangeSource() = default;
    // The next changes (some hundred or thousand); empty at the end.
    virtual Task<std::vector<Change>> next() = 0;
};

struct Summary {
    std::int64_t added = 0;
    std::int64_t changed = 0;
    std::int64_t removed = 0;
    bool empty() const { return added + changed + removed == 0; }
};

struct Applied {
    std::string tree_id;
    Summary summary;
};

enum class DiffType { added, removed, changed };

struct DiffEntry {
    DiffType type = DiffType::added;
    std::string key;
    Value left;   // removed, changed
    Value right;  // added, changed
};

// Differences from a left to a right tree in key order; equal ranges are skipped whole.
class DiffIterator {
public:
    virtual ~DiffIterator() = default;
    // To the first difference at or after `key`; false at the end.
    virtual Task<bool> seek(std::string_view key) = 0;
    virtual Task<bool> next() = 0;
    virtual const DiffEntry& entry() const = 0;
};

enum class Strategy { none, destination_wins, source_wins };

struct Merged {
    std::string tree_id;
    Summary summary;  // against the destination
};

struct TreesOptions {
    std::string block_storage_prefix = "_lakefs";
    std::uint64_t min_range_size_bytes = 0;
    std::uint64_t max_range_size_bytes = 20'971'520;
    std::uint64_t range_raggedness_entries = 50'000;
    int uploaders_per_writer = 10;                           // ranges written at the same time
    std::uint64_t memory_cache_bytes = 64 * 1024 * 1024;     // decoded blocks
    std::uint64_t disk_cache_bytes = 1024ull * 1024 * 1024;  // whole ranges
    std::uint64_t disk_cache_metarange_bytes = 128 * 1024 * 1024;
    std::string disk_cache_folder;  // empty: no disk cache
};

// The committed layer: immutable trees of ranges in the object store.
//
// Threads  Any context. Heavy calls (apply, diff over much, merge) should be run on a worker.
// Errors   not_found (detail "no_such_range"): the tree or a range of it is not in the store.
// corrupted:
//          a file is not what it must be. conflict (detail "merge_conflict"): merge without
//          strategy.
// Source   docs/formats/committed.md
class Trees {
public:
    Trees(block::Store& store, Workers& workers, TreesOptions options);
    ~Trees();

    // The value under `key`, or nothing.
    Task<std::optional<Value>> find(Tree tree, std::string key);

    std::unique_ptr<Iterator> iterate(Tree tree);

    // The tree with `changes` applied (formats 4.4). A tree without records may be named by "".
    Task<Applied> apply(Tree base, ChangeSource& changes);

    // Writes a tree from records in ascending key order. `properties`: further user properties of
    // every file ("entity" ...), part of the ids.
    Task<std::string> write(std::string storage_namespace, ChangeSource& records,
                            std::map<std::string, std::string> properties);

    std::unique_ptr<DiffIterator> diff(Tree left, Tree right);

    // Three-way merge (formats 4.6). Without a conflict `destination` plus what `source` changed
    // since `base`.
    Task<Merged> merge(Tree source, Tree destination, Tree base, Strategy strategy);

    // `destination` without the keys that begin with one of `prefixes`, and with all of `source`
    // (formats 4.8). Ranges that only one side has are taken whole.
    Task<Merged> replace(Tree source, Tree destination, std::vector<std::string> prefixes);

    // The ranges of a tree in key order, and one range's or tree's facts. Nothing when absent.
    Task<std::vector<RangeInfo>> ranges(Tree tree);
    Task<bool> exists(Tree tree);
    // Where the file of a range or metarange lies ("_lakefs/<id>").
    std::string address_of(std::string_view id) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tarn::committed
