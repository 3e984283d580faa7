#include <algorithm>

#include "base/error.h"
#include "staging/staging.h"

namespace tarn::staging {
namespace {

constexpr int page_rows_max = 1'000;

// The rows of one token, a page at a time.
struct Source {
    std::string token;
    std::string from;            // where `page` begins, whether or not there is such a row
    std::vector<kv::Pair> page;  // empty and not last: nothing has been read yet
    std::size_t at = 0;
    bool last_page = false;  // nothing lies behind `page`

    bool has_row() const { return at < page.size(); }
    bool needs_page() const { return !has_row() && !last_page; }
    const std::string& key() const { return page[at].name; }

    // Whether `key` can be found in what has been read.
    bool covers(const std::string& key) const {
        if (key < from) return false;
        return last_page || (!page.empty() && key <= page.back().name);
    }

    void seek_in_page(const std::string& key) {
        const auto found = std::ranges::lower_bound(page, key, {}, &kv::Pair::name);
        at = static_cast<std::size_t>(found - page.begin());
    }
};

}  // namespace

struct Iterator::State {
    kv::Store& store;
    std::vector<Source> sources;
    int rows;
    StagedRecord record;

    Task<void> load(Source& source, std::string from) {
        source.page = co_await store.scan(source.token, from, rows);
        source.from = std::move(from);
        source.at = 0;
        source.last_page = source.page.size() < static_cast<std::size_t>(rows);
    }

    // Takes the smallest key of all sources, which must have rows or be at their end.
    bool take() {
        Source* newest = nullptr;
        for (Source& source : sources) {
            if (!source.has_row()) continue;
            if (newest == nullptr || source.key() < newest->key()) newest = &source;
        }
        if (newest == nullptr) return false;
        kv::Pair& row = newest->page[newest->at];
        record.key = row.name;
        record.staged = decode(row.value);
        return true;
    }

    void leave_record() {
        for (Source& source : sources) {
            if (source.has_row() && source.key() == record.key) ++source.at;
        }
    }
};

Iterator::Iterator(kv::Store& store, std::vector<std::string> tokens, int first_page)
    : state_(std::make_unique<State>(store)) {
    CHECK(first_page >= 1 && first_page <= page_rows_max, "pages have 1 to 1,000 rows");
    state_->rows = first_page;
    for (std::string& token : tokens) {
        state_->sources.emplace_back();
        state_->sources.back().token = std::move(token);
    }
}
Iterator::~Iterator() = default;

Task<bool> Iterator::seek(std::string key) {
    State& state = *state_;
    for (Source& source : state.sources) {
        if (source.covers(key)) {
            source.seek_in_page(key);
        } else {
            co_await state.load(source, key);
        }
    }
    co_return state.take();
}

bool Iterator::step() {
    State& state = *state_;
    state.leave_record();
    const bool wait = std::ranges::any_of(state.sources, &Source::needs_page);
    return !wait && state.take();
}

Task<bool> Iterator::fetch() {
    State& state = *state_;
    state.rows = page_rows_max;
    for (Source& source : state.sources) {
        if (!source.needs_page()) continue;
        std::string from = source.page.empty() ? std::string() : source.page.back().name;
        from.push_back('\0');
        co_await state.load(source, std::move(from));
    }
    co_return state.take();
}

const StagedRecord& Iterator::record() const {
    return state_->record;
}

}  // namespace tarn::staging
