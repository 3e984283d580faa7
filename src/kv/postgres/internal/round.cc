#include "kv/postgres/internal/round.h"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "kv/internal/validate.h"

namespace tarn::kv::postgres {
namespace {

constexpr std::size_t rows_max = 512;
constexpr std::size_t cautious_rows_max = 64;
constexpr std::size_t rows_per_statement_max = 256;
constexpr std::size_t bytes_max = 4 * 1024 * 1024;
constexpr int levels_max = 16;
// More tables than this in one go are addressed through the parent, but for those with many rows.
constexpr std::size_t tables_max = 6;
constexpr std::size_t own_statement_rows_min = 24;

Verb verb_of(const Step& step) {
    if (std::holds_alternative<Find>(step)) return Verb::find;
    if (std::holds_alternative<Put>(step)) return Verb::put;
    if (std::holds_alternative<Remove>(step)) return Verb::remove;
    const Expected& expected = std::get<PutIf>(step).expected;
    if (std::holds_alternative<Absent>(expected)) return Verb::put_absent;
    return std::holds_alternative<Present>(expected) ? Verb::put_present : Verb::put_equals;
}

bool is_conditional(Verb verb) {
    return verb != Verb::put && verb != Verb::remove;
}

std::string_view value_of(const Step& step) {
    if (const auto* put = std::get_if<Put>(&step)) return put->value;
    if (const auto* put_if = std::get_if<PutIf>(&step)) return put_if->value;
    return {};
}

std::string_view expected_of(const Step& step) {
    const auto* put_if = std::get_if<PutIf>(&step);
    const auto* equal = put_if == nullptr ? nullptr : std::get_if<Equals>(&put_if->expected);
    return equal == nullptr ? std::string_view() : std::string_view(equal->value);
}

// Updates and deletions through the parent would open all its tables.
bool may_use_parent(Verb verb) {
    return verb == Verb::find || verb == Verb::put || verb == Verb::put_absent;
}

// What reading a key says about a conditional write whose connection was lost in the middle.
void settle_uncertain(Call& call, const Row& row) {
    const auto& step = std::get<PutIf>(call.next_step());
    std::optional<std::string_view> seen;
    if (row.hit) seen = row.found;
    if (seen == step.value) {
        call.results[call.next++].done = true;
        return;
    }
    call.lost_until = 0;
    if (!holds(step.expected, seen)) {
        call.failure = Error(Code::unavailable,
                             "PostgreSQL: the connection was lost in a conditional write, and "
                             "whether it happened is unknown",
                             "postgres");
    }
}

void settle_row(const Row& row, Verb verb, Call& call) {
    if (call.is_uncertain()) {
        settle_uncertain(call, row);
        return;
    }
    Result& result = call.results[call.next];
    if (verb == Verb::find) {
        if (row.hit) result.value = row.found;
    } else {
        result.done = row.hit || !is_conditional(verb);
    }
    ++call.next;
    call.caution = 0;
}

}  // namespace

RoundBuilder::RoundBuilder(int caution, const Spread& spread)
    : caution_(caution), spread_(spread) {}

bool RoundBuilder::is_full() const {
    return steps_ >= (caution_ == 0 ? rows_max : cautious_rows_max) || bytes_ >= bytes_max;
}

RoundBuilder::Want RoundBuilder::want_of(const CallPtr& call, std::size_t step, Verb verb,
                                         int level) const {
    const Step& wanted = call->steps[step];
    const Key& key = key_of(wanted);
    const int table = spread_.by_parent ? whole_table : table_of(key.partition);
    return {verb, level, table, &key, value_of(wanted), expected_of(wanted), {call.get(), step}};
}

std::string RoundBuilder::name_of(const Key& key) {
    std::string name = std::to_string(key.partition.size());
    name.append(1, ':').append(key.partition).append(key.name);
    return name;
}

bool RoundBuilder::add_first_write(const CallPtr& call) {
    const Want want = want_of(call, call->next, verb_of(call->next_step()), 0);
    const bool conditional = is_conditional(want.verb);
    const auto [at, is_new] = conditional_.try_emplace(name_of(*want.key), conditional);
    if (!is_new && (conditional || at->second)) return false;
    if (!is_new) {
        // The last plain write decides; those before it are answered with it.
        for (Want& earlier : writes_) {
            if (*earlier.key != *want.key) continue;
            earlier.verb = want.verb;
            earlier.value = want.value;
        }
    }
    writes_.push_back(want);
    return true;
}

// False for a key that is written in this round already, and for what may have happened already.
bool RoundBuilder::add_further_write(const CallPtr& call, std::size_t step) {
    const Step& wanted = call->steps[step];
    if (std::holds_alternative<Find>(wanted)) return false;
    if (step < call->lost_until && std::holds_alternative<PutIf>(wanted)) return false;
    const Want want = want_of(call, step, verb_of(wanted), 0);
    if (!conditional_.try_emplace(name_of(*want.key), is_conditional(want.verb)).second) {
        return false;
    }
    writes_.push_back(want);
    return true;
}

void RoundBuilder::add_writes(const CallPtr& call, std::size_t& step) {
    ++step;
    if (caution_ == 0) {
        while (step < call->steps.size() && add_further_write(call, step)) ++step;
    }
    call->sent_until = step;
}

bool RoundBuilder::add(const CallPtr& call) {
    std::size_t step = call->next;
    if (call->is_uncertain()) {
        finds_.push_back(want_of(call, step, Verb::find, 0));
        step = call->steps.size();
    } else if (call->writes_next()) {
        if (!add_first_write(call)) return false;
        add_writes(call, step);
    }
    for (int level = 0; step < call->steps.size() && level < levels_max; ++step, ++level) {
        if (!std::holds_alternative<Find>(call->steps[step])) break;
        finds_.push_back(want_of(call, step, Verb::find, level));
    }
    steps_ = writes_.size() + finds_.size();
    bytes_ += call->bytes;
    calls_.push_back(call);
    return true;
}

// Many tables with few rows each are cheaper, and far fewer statements, through their parent.
void RoundBuilder::choose_tables(std::vector<Want>& wants) const {
    if (spread_.by_parent || caution_ != 0) return;
    std::unordered_map<int, std::size_t> tables;  // of a verb and level
    std::unordered_map<int, std::size_t> rows;    // of a verb, level and table
    const auto group_of = [](const Want& want) {
        return static_cast<int>(want.verb) * levels_max + want.level;
    };
    const auto table_key = [&](const Want& want) {
        return group_of(want) * (table_count + 1) + want.table;
    };
    for (const Want& want : wants) {
        if (++rows[table_key(want)] == 1) ++tables[group_of(want)];
    }
    for (Want& want : wants) {
        if (tables[group_of(want)] <= tables_max || !may_use_parent(want.verb)) continue;
        if (rows[table_key(want)] < own_statement_rows_min) want.table = whole_table;
    }
}

std::vector<Statement> RoundBuilder::statements_of(std::vector<Want>& wants) const {
    choose_tables(wants);
    const auto place = [](const Want& want) {
        return std::tie(want.level, want.verb, want.table, want.key->partition, want.key->name);
    };
    std::sort(wants.begin(), wants.end(),
              [&](const Want& a, const Want& b) { return place(a) < place(b); });
    const std::size_t rows_each = caution_ == 2 ? 1 : rows_per_statement_max;
    std::vector<Statement> statements;
    const Want* last = nullptr;
    for (const Want& want : wants) {
        const bool together = last != nullptr && last->level == want.level &&
                              last->verb == want.verb && last->table == want.table;
        const bool same_row = together && *last->key == *want.key;
        if (!same_row) {
            if (!together || statements.back().rows.size() == rows_each) {
                statements.push_back({want.verb, want.table, {}, {}});
            }
            Statement& statement = statements.back();
            statement.rows.push_back(
                {want.key, want.value, want.expected, statement.slots.size(), 0, false, {}});
        }
        ++statements.back().rows.back().slots;
        statements.back().slots.push_back(want.slot);
        last = &want;
    }
    return statements;
}

void RoundBuilder::append_segments(std::vector<Statement> statements, bool writes,
                                   Round& round) const {
    if (statements.empty()) return;
    if (caution_ == 0) {
        round.segments.push_back({writes, std::move(statements), std::nullopt});
        return;
    }
    for (Statement& statement : statements) {
        round.segments.push_back({writes, {}, std::nullopt});
        round.segments.back().statements.push_back(std::move(statement));
    }
}

Round RoundBuilder::build() {
    Round round;
    round.calls = std::move(calls_);
    std::vector<Statement> writes = statements_of(writes_);
    std::vector<Statement> finds = statements_of(finds_);
    if (spread_.one_transaction) {
        std::ranges::move(finds, std::back_inserter(writes));
        finds.clear();
    }
    append_segments(std::move(writes), true, round);
    append_segments(std::move(finds), false, round);
    return round;
}

void read_result(const PGresult* result, Statement& statement) {
    const int rows = PQntuples(result);
    for (int at = 0; at < rows; ++at) {
        if (statement.verb == Verb::find) {
            const auto ordinal = static_cast<std::size_t>(read_int64(field_of(result, at, 0)));
            CHECK(ordinal >= 1 && ordinal <= statement.rows.size(), "rows are numbered as sent");
            Row& row = statement.rows[ordinal - 1];
            row.hit = true;
            row.found = field_of(result, at, 1);
            continue;
        }
        const auto written = std::tuple(field_of(result, at, 0), field_of(result, at, 1));
        const auto place = [](const Row& row) {
            return std::tuple(std::string_view(row.key->partition),
                              std::string_view(row.key->name));
        };
        const auto row = std::ranges::lower_bound(statement.rows, written, {}, place);
        CHECK(row != statement.rows.end() && place(*row) == written,
              "only what was sent is written");
        row->hit = true;
    }
}

void settle(Segment& segment) {
    struct Late {
        Call* call;
        std::size_t step;
        const Row* row;
        Verb verb;
    };
    const auto take = [](const Late& one) {
        if (one.call->failure || one.call->is_answered) return true;
        if (one.call->next != one.step) return false;
        settle_row(*one.row, one.verb, *one.call);
        return true;
    };
    std::vector<Late> late;  // behind other writes of their call, which have other statements
    for (const Statement& statement : segment.statements) {
        for (const Row& row : statement.rows) {
            for (std::size_t at = row.first_slot; at < row.first_slot + row.slots; ++at) {
                const Slot& slot = statement.slots[at];
                const Late one{slot.call, slot.step, &row, statement.verb};
                if (!take(one)) late.push_back(one);
            }
        }
    }
    std::ranges::sort(late, {}, &Late::step);
    for (const Late& one : late) take(one);
}

}  // namespace tarn::kv::postgres
