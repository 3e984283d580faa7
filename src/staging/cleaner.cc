#include <condition_variable>
#include <mutex>

#include "staging/staging.h"

namespace tarn::staging {
namespace {

constexpr std::string_view partition = "cleanup-tokens";
constexpr std::string_view stub = "stub-value";
constexpr int tokens_per_scan = 512;
constexpr std::size_t steps_per_call = 256;
constexpr int rows_of_small = 128;  // a token with fewer rows is removed together with others

}  // namespace

struct Cleaner::State {
    explicit State(kv::Store& kv_store) : store(kv_store) {}

    kv::Store& store;
    std::mutex mutex;
    std::condition_variable ended;
    bool running = false;
    bool again = false;
    bool stopped = false;

    Task<void> remove_token(std::string token, std::vector<kv::Step>& removals);
    Task<void> remove_late(std::string token);
    // Whether the running task must look once more; if not, it is over.
    bool goes_on() {
        const std::lock_guard lock(mutex);
        if (again && !stopped) {
            again = false;
            return true;
        }
        running = false;
        ended.notify_all();
        return false;
    }
};

// Adds what removes a token and, last, its record; the rows of a large one are dropped at once.
Task<void> Cleaner::State::remove_token(std::string token, std::vector<kv::Step>& removals) {
    const auto rows = co_await store.scan(token, std::string(1, '\0'), rows_of_small);
    if (rows.size() == static_cast<std::size_t>(rows_of_small)) {
        co_await store.drop(token);
    } else {
        for (const kv::Pair& row : rows) removals.emplace_back(kv::Remove{{token, row.name}});
    }
    removals.emplace_back(kv::Remove{{std::string(partition), token}});
}

// A writer that learned too late of the drop records the token anew, perhaps over a record that was
// just being removed: its row is older than that, so it is seen here.
Task<void> Cleaner::State::remove_late(std::string token) {
    const auto rows = co_await store.scan(token, std::string(1, '\0'), 1);
    if (!rows.empty()) co_await store.drop(token);
}

Cleaner::Cleaner(kv::Store& store) : state_(std::make_unique<State>(store)) {}

Cleaner::~Cleaner() {
    stop();
}

Task<void> Cleaner::record(std::vector<std::string> tokens) {
    std::vector<kv::Step> steps;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        steps.emplace_back(kv::Put{{std::string(partition), tokens[i]}, std::string(stub)});
        if (steps.size() < steps_per_call && i + 1 < tokens.size()) continue;
        co_await state_->store.run(steps);
        steps.clear();
    }
}

Task<void> Cleaner::clean() {
    std::string from(1, '\0');
    while (true) {
        const auto recorded = co_await state_->store.scan(partition, from, tokens_per_scan);
        std::vector<kv::Step> removals;
        for (const kv::Pair& token : recorded) {
            co_await state_->remove_token(token.name, removals);
            if (removals.size() < steps_per_call) continue;
            co_await state_->store.run(removals);
            removals.clear();
        }
        if (!removals.empty()) co_await state_->store.run(removals);
        for (const kv::Pair& token : recorded) co_await state_->remove_late(token.name);
        if (recorded.size() < static_cast<std::size_t>(tokens_per_scan)) co_return;
        from = recorded.back().name;
        from.push_back('\0');
    }
}

void Cleaner::start(Workers& workers) {
    {
        const std::lock_guard lock(state_->mutex);
        if (state_->stopped) return;
        if (state_->running) {
            state_->again = true;
            return;
        }
        state_->running = true;
    }
    workers.start([this]() -> Task<void> {
        bool more = true;
        while (more) {
            // What a failing store leaves behind stays recorded: a later start finds it.
            std::exception_ptr failure;
            try {
                co_await clean();
            } catch (...) {
                failure = std::current_exception();
            }
            more = state_->goes_on();
            if (failure && !more) std::rethrow_exception(failure);
        }
    });
}

void Cleaner::stop() {
    std::unique_lock lock(state_->mutex);
    state_->stopped = true;
    state_->ended.wait(lock, [this] { return !state_->running; });
}

}  // namespace tarn::staging
