#pragma once

#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "base/signal.h"
#include "committed/internal/tables.h"
#include "committed/trees.h"
#include "committed/value.h"
#include "sstable/writer.h"

namespace tarn::committed {

// Writes a tree: records into ranges that close by the splitting rule, whole ranges as they are,
// and the metarange over them, which is never split. Limits    At most `uploaders_per_writer`
// closed ranges are in memory and under way to the store. Threads   One context. Lifetime  join()
// must have returned before it is destroyed, whatever has failed. Errors    invalid_argument: keys
// or ranges out of order. Else what storing a range fails with.
class TreeWriter {
public:
    TreeWriter(Tables& tables, const TreesOptions& options, std::string storage_namespace,
               const sstable::UserProperties& properties);

    // Adds a record. True when that closed a range: settle() must be awaited before the next.
    [[nodiscard]] bool add(std::string_view key, std::string_view identity, std::string_view data);
    Task<void> settle();
    // Adds a range that exists already; the one being written is closed before.
    Task<void> add_range(RangeInfo range);

    // Stores everything and returns the id of the tree.
    Task<std::string> finish();
    // Waits for ranges under way. Never throws.
    Task<void> join();

private:
    void close_range();
    void add_header(const RangeInfo& range);
    // One of the `uploads_` that the caller has counted.
    Task<void> upload(std::string id, Kind kind, std::shared_ptr<const std::string> bytes);
    Task<void> wait_for_fewer_than(int uploads);

    Tables& tables_;
    std::string storage_namespace_;
    sstable::Splitter splitter_;
    sstable::UserProperties range_properties_;
    sstable::Writer metarange_;
    std::unique_ptr<sstable::Writer> range_;
    std::string value_;
    std::string last_key_;  // of the last header

    struct Closed {
        std::string id;
        std::shared_ptr<const std::string> bytes;
    };
    std::vector<Closed> closed_;  // not yet under way
    int uploads_max_;
    int uploads_ = 0;
    Signal landed_;  // renewed by each who waits
    std::exception_ptr failure_;
};

}  // namespace tarn::committed
