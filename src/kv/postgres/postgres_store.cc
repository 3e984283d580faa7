#include "kv/postgres/postgres_store.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <optional>
#include <thread>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "kv/internal/validate.h"
#include "kv/postgres/internal/lane.h"
#include "kv/postgres/internal/pool.h"
#include "kv/postgres/internal/schema.h"

namespace tarn::kv {
namespace {

using postgres::Call;
using postgres::field_of;
using postgres::Lane;
using postgres::Question;
using postgres::Spread;
using postgres::Verb;

constexpr int drop_rows_per_chunk = 5000;
constexpr std::chrono::seconds schema_timeout{60};

// One table has physical addresses of its own; rows of the whole are addressed by their keys.
constexpr std::string_view drop_from_one =
    "WITH doomed AS (SELECT ctid, key FROM {0} WHERE partition_key = $1::bytea AND key > $2::bytea "
    "ORDER BY key LIMIT $3::int4), "
    "gone AS (DELETE FROM {0} WHERE ctid = ANY (ARRAY(SELECT ctid FROM doomed))) "
    "SELECT key FROM doomed ORDER BY key DESC LIMIT 1";
constexpr std::string_view drop_from_whole =
    "WITH doomed AS (SELECT key FROM {0} WHERE partition_key = $1::bytea AND key > $2::bytea "
    "ORDER BY key LIMIT $3::int4), "
    "gone AS (DELETE FROM {0} AS t USING doomed AS d "
    "WHERE t.partition_key = $1::bytea AND t.key = d.key) "
    "SELECT key FROM doomed ORDER BY key DESC LIMIT 1";

// From name to name, one index look-up each, however many rows lie between.
constexpr std::string_view names_text =
    "WITH RECURSIVE names AS ("
    "(SELECT partition_key FROM {0} WHERE partition_key > $1::bytea ORDER BY partition_key LIMIT "
    "1) "
    "UNION ALL SELECT (SELECT t.partition_key FROM {0} AS t "
    "WHERE t.partition_key > names.partition_key ORDER BY t.partition_key LIMIT 1) "
    "FROM names WHERE names.partition_key IS NOT NULL) "
    "SELECT partition_key FROM names WHERE partition_key IS NOT NULL LIMIT $2::int4";

std::string on(std::string_view text, int table) {
    return fmt::format(fmt::runtime(text), postgres::table_name(table));
}

// A thread with an event loop for the two lanes that share it.
struct Loop {
    explicit Loop(int number) : thread([this] { context.run(); }) {
        pthread_setname_np(thread.native_handle(), fmt::format("kv-{}", number).c_str());
    }
    ~Loop() {
        if (thread.joinable()) run_dry();
    }
    void run_dry() {
        guard.reset();
        thread.join();
    }
    Context context{1};
    boost::asio::executor_work_guard<Context::executor_type> guard{context.get_executor()};
    std::thread thread;
};

int pairs_of(const PostgresOptions& options) {
    const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    const int wanted = options.lanes > 0 ? options.lanes : std::clamp(cores / 4, 1, 8);
    return std::clamp(wanted, 1, (options.connections_max - 1) / 2);
}

// Makes what is missing in the database; whether tables may be addressed one by one.
bool prepare(const PostgresOptions& options) {
    postgres::check_connection_string(options.connection_string);
    const auto session = postgres::Session::open(options);
    const auto deadline = std::chrono::steady_clock::now() + schema_timeout;
    postgres::create_schema(*session, deadline);
    const bool routed = postgres::routing_holds(*session, deadline);
    if (!routed)
        log::warning("PostgreSQL spreads table kv in an unknown way: statements go to all");
    return routed;
}

bool is_read_only(std::span<const Step> steps) {
    return std::ranges::all_of(steps,
                               [](const Step& step) { return std::holds_alternative<Find>(step); });
}

}  // namespace

struct PostgresStore::Parts {
    Parts(const PostgresOptions& given, Workers& workers, const PostgresSeams& seams)
        : options(given),
          spread{!prepare(given) || seams.routed_by_parent, seams.one_transaction},
          pool(workers, given, given.connections_max - 2 * pairs_of(given)) {
        for (int at = 0; at < pairs_of(given); ++at) {
            loops.push_back(std::make_unique<Loop>(at));
            Context& context = loops.back()->context;
            readers.push_back(std::make_unique<Lane>(context, workers, options, seams, spread));
            writers.push_back(std::make_unique<Lane>(context, workers, options, seams, spread));
        }
        for (const auto* lanes : {&readers, &writers}) {
            for (const auto& lane : *lanes) lane->start();
        }
    }
    ~Parts() {
        for (const auto* lanes : {&readers, &writers}) {
            for (const auto& lane : *lanes) lane->stop();
        }
        for (const auto& loop : loops) loop->run_dry();
    }

    // All writes of a partition go one way, so that those of one key keep their order, and what is
    // close together in the database is sent together.
    Lane& lane_for(std::span<const Step> steps) const {
        const auto& lanes = is_read_only(steps) ? readers : writers;
        if (lanes.size() == 1) return *lanes.front();
        const auto table = static_cast<std::size_t>(postgres::table_of(key_of(steps[0]).partition));
        return *lanes[table % lanes.size()];
    }

    int table_of(std::string_view partition) const {
        return spread.by_parent ? postgres::whole_table : postgres::table_of(partition);
    }

    Task<bool> names_of(std::string after, int each, std::size_t limit,
                        std::vector<std::string>& names);

    const PostgresOptions options;
    const Spread spread;
    postgres::Pool pool;
    std::vector<std::unique_ptr<Loop>> loops;  // lanes run on them, and own timers of theirs
    std::vector<std::unique_ptr<Lane>> readers;
    std::vector<std::unique_ptr<Lane>> writers;
};

PostgresStore::PostgresStore(const PostgresOptions& options, Workers& workers)
    : PostgresStore(options, workers, PostgresSeams()) {}

PostgresStore::PostgresStore(const PostgresOptions& options, Workers& workers,
                             const PostgresSeams& seams)
    : parts_(std::make_unique<Parts>(options, workers, seams)) {}

PostgresStore::~PostgresStore() = default;

Task<std::vector<Result>> PostgresStore::run(std::span<const Step> steps) {
    validate(steps);
    if (steps.empty()) co_return std::vector<Result>();
    const auto call = std::make_shared<Call>(steps);
    parts_->lane_for(steps).submit(call);
    co_await call->answered.wait();
    if (call->failure) throw Error(*call->failure);
    co_return std::move(call->results);
}

Task<std::vector<Pair>> PostgresStore::scan(std::string_view partition, std::string_view from,
                                            int limit) {
    validate_partition(partition);
    validate_limit(limit);
    Question question{Verb::scan, parts_->table_of(partition), {}, {}};
    question.parameters = {std::string(partition), std::string(from), postgres::int32_bytes(limit)};
    const auto found = co_await parts_->pool.ask(std::move(question));
    std::vector<Pair> page;
    const int rows = PQntuples(found.get());
    page.reserve(static_cast<std::size_t>(rows));
    for (int at = 0; at < rows; ++at) {
        page.push_back(
            {std::string(field_of(found.get(), at, 0)), std::string(field_of(found.get(), at, 1))});
    }
    co_return page;
}

Task<void> PostgresStore::drop(std::string_view partition) {
    validate_partition(partition);
    const int table = parts_->table_of(partition);
    const auto text = table == postgres::whole_table ? drop_from_whole : drop_from_one;
    Question question{std::nullopt, table, on(text, table), {}};
    question.parameters = {std::string(partition), "", postgres::int32_bytes(drop_rows_per_chunk)};
    while (true) {
        Question next = question;
        const auto last = co_await parts_->pool.ask(std::move(next));
        if (PQntuples(last.get()) == 0) co_return;
        question.parameters[1] = field_of(last.get(), 0, 0);
    }
}

// The first `limit` names, from `each` of every table; false when that was too few to be sure.
Task<bool> PostgresStore::Parts::names_of(std::string after, int each, std::size_t limit,
                                          std::vector<std::string>& names) {
    std::vector<Question> questions;
    const int first = spread.by_parent ? postgres::whole_table : 0;
    const int end = spread.by_parent ? postgres::whole_table + 1 : postgres::table_count;
    for (int table = first; table < end; ++table) {
        Question question{std::nullopt, table, on(names_text, table), {}};
        question.parameters = {after, postgres::int32_bytes(each)};
        questions.push_back(std::move(question));
    }
    const auto answers = co_await pool.ask_all(std::move(questions));
    names.clear();
    std::optional<std::string> known_until;  // beyond it, a table may have more
    for (const auto& answer : answers) {
        const int rows = PQntuples(answer.get());
        for (int at = 0; at < rows; ++at) names.emplace_back(field_of(answer.get(), at, 0));
        if (rows == each && (!known_until || names.back() < *known_until)) {
            known_until = names.back();
        }
    }
    std::ranges::sort(names);
    if (names.size() > limit) names.resize(limit);
    co_return !known_until || (names.size() == limit && names.back() <= *known_until);
}

Task<std::vector<std::string>> PostgresStore::partitions(std::string_view after, int limit) {
    validate_limit(limit);
    const auto wanted = static_cast<std::size_t>(limit);
    std::vector<std::string> names;
    bool is_sure = false;
    for (int each = std::min(limit, limit / 25 + 8); !is_sure; each = std::min(limit, 4 * each)) {
        is_sure = co_await parts_->names_of(std::string(after), each, wanted, names);
        if (each == limit) break;  // no table can have more of the first ones
    }
    co_return names;
}

}  // namespace tarn::kv
