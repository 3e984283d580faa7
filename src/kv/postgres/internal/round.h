#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "kv/postgres/internal/call.h"
#include "kv/postgres/internal/statements.h"

namespace tarn::kv::postgres {

// A step of a call that a row answers.
struct Slot {
    Call* call;
    std::size_t step;
};

// One row of a statement, and what became of it. Views into the steps of its calls.
struct Row {
    const Key* key;
    std::string_view value;
    std::string_view expected;
    std::size_t first_slot;  // in its statement
    std::size_t slots;
    bool hit = false;  // found, or written
    std::string found;
};

struct Statement {
    Verb verb;
    int table;
    std::vector<Row> rows;  // ascending by partition and name, each key once
    std::vector<Slot> slots;
};

// Statements that share a transaction; it ends with a sync.
struct Segment {
    bool writes = false;
    std::vector<Statement> statements;
    std::optional<Refusal> refusal;
};

// What goes to the database together: the next writes of many calls, then, when they are durable
// and visible, the finds that come next in those and other calls.
struct Round {
    std::vector<CallPtr> calls;
    std::vector<Segment> segments;
    std::size_t segment = 0;    // whose replies come next
    std::size_t statement = 0;  // of it
};

// How rows are spread over statements.
struct Spread {
    bool by_parent = false;        // everything through table kv
    bool one_transaction = false;  // a seeded fault
};

// Gathers calls into a round.
//
// Shape     A call takes part with the writes that come next, if they are of different keys, and
//           the finds behind them: they share a transaction, so nobody sees a later one without an
//           earlier one. A write after these waits until they are known. With caution, it is one
//           write at a time. Of several plain writes of a key the
//           last one is sent and all are answered. A find goes out after the finds before it in its
//           call, and a key that many want is read once.
// Limits    `rows_max` steps or `bytes_max` bytes, unless the first call alone is larger.
// Lifetime  The calls are kept by the round.
class RoundBuilder {
public:
    // Calls of one degree of caution only.
    explicit RoundBuilder(int caution, const Spread& spread);

    bool is_full() const;
    bool is_empty() const { return calls_.empty(); }
    // False when the call's write meets a write of the same key in this round, and one of the two
    // is conditional.
    bool add(const CallPtr& call);
    Round build();

private:
    struct Want {
        Verb verb;
        int level;
        int table;
        const Key* key;
        std::string_view value;
        std::string_view expected;
        Slot slot;
    };

    static std::string name_of(const Key& key);
    bool add_first_write(const CallPtr& call);
    bool add_further_write(const CallPtr& call, std::size_t step);
    void add_writes(const CallPtr& call, std::size_t& step);
    Want want_of(const CallPtr& call, std::size_t step, Verb verb, int level) const;
    std::vector<Statement> statements_of(std::vector<Want>& wants) const;
    void choose_tables(std::vector<Want>& wants) const;
    void append_segments(std::vector<Statement> statements, bool writes, Round& round) const;

    const int caution_;
    const Spread spread_;
    std::vector<CallPtr> calls_;
    std::vector<Want> writes_;
    std::vector<Want> finds_;
    std::unordered_map<std::string, bool> conditional_;  // of each key that is written
    std::size_t steps_ = 0;
    std::size_t bytes_ = 0;
};

// Takes what a statement answered into its rows.
void read_result(const PGresult* result, Statement& statement);

// Hands the outcome of a segment that is committed to the calls. What stands behind a step that
// has failed is left out: it is done again.
void settle(Segment& segment);

}  // namespace tarn::kv::postgres
