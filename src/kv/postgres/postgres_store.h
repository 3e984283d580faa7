#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/workers.h"
#include "kv/postgres/options.h"
#include "kv/store.h"

namespace tarn::kv {

// The store that many servers share: table kv of a PostgreSQL database, laid out as lakeFS does.
//
// Shape     As Store. Calls share a few connections (lanes): the next steps of many calls go out
//           together, all writes first, then, durable and visible, the reads behind them. Scans,
//           drops and names of partitions have connections of their own.
// Limits    As PostgresOptions, for each lane.
// Threads   As Store. A thread of its own for every two lanes.
// Lifetime  `workers` must outlive it, and it all its calls. Opening blocks.
// Errors    As Store; and from the constructor: invalid_argument: not a connection string.
//           unavailable: the database cannot be reached, or refuses the tables. While the database
//           is away, calls wait for it up to `away_grace`, after that they are `unavailable` at
//           once until it is back.
// Source    docs/formats/kv.md
class PostgresStore final : public Store {
public:
    PostgresStore(const PostgresOptions& options, Workers& workers);
    PostgresStore(const PostgresOptions& options, Workers& workers, const PostgresSeams& seams);
    ~PostgresStore() override;

    Task<std::vector<Result>> run(std::span<const Step> steps) override;
    Task<std::vector<Pair>> scan(std::string_view partition, std::string_view from,
                                 int limit) override;
    Task<void> drop(std::string_view partition) override;
    Task<std::vector<std::string>> partitions(std::string_view after, int limit) override;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace tarn::kv
