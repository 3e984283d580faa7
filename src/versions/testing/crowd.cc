#include "versions/testing/crowd.h"

#include <fmt/format.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "base/error.h"
#include "base/testing/await.h"
#include "versions/history.h"
#include "versions/read.h"
#include "versions/reset.h"
#include "versions/stage.h"
#include "versions/testing/house.h"

namespace tarn::versions {
namespace {

// Where one key stands: operations are numbered; each fourth deletes it.
struct Slot {
    std::atomic<int> begun{0};
    std::atomic<int> acknowledged{0};
};

bool deletes(int number) {
    return number % 4 == 0;
}

std::string content_of(int number) {
    return fmt::format("{:08}", number);
}

class Crowd {
public:
    Crowd(kv::Store& store, CrowdOptions options)
        : options_(options),
          house_(store),
          repository_(house_.create_repository("crowd")),
          slots_(static_cast<std::size_t>(options.writers * options.keys)) {}

    std::vector<std::string> run() {
        std::vector<std::thread> threads;
        std::vector<std::thread> helpers;
        for (int i = 0; i < options_.writers; ++i) {
            threads.emplace_back([this, i] { guard("writer", [this, i] { write(i); }); });
        }
        for (int i = 0; i < options_.committers; ++i) {
            helpers.emplace_back([this] { guard("committer", [this] { commit_all(); }); });
        }
        helpers.emplace_back([this] { guard("resetter", [this] { reset(); }); });
        helpers.emplace_back([this] { guard("lister", [this] { list_all(); }); });
        helpers.emplace_back([this] { guard("getter", [this] { get_all(); }); });
        for (std::thread& thread : threads) thread.join();
        over_ = true;
        for (std::thread& thread : helpers) thread.join();
        house_.cleaner.stop();
        guard("last look", [this] {
            try_commit();
            list_once();
        });
        return problems_;
    }

private:
    std::string key_of(std::size_t slot) const { return fmt::format("w/{:04}", slot); }

    template <class Action>
    void guard(const char* who, Action action) {
        try {
            action();
        } catch (const Error& error) {
            complain(fmt::format("{}: {} ({})", who, error.message(), error.detail()));
        }
    }

    void complain(std::string problem) {
        const std::lock_guard lock(mutex_);
        if (problems_.size() < 20) problems_.push_back(std::move(problem));
    }

    // Runs an operation again while others keep the branch moving.
    template <class Action>
    void insist(Action action) {
        while (true) {
            try {
                action();
                return;
            } catch (const Error& error) {
                if (error.detail() != "too_many_tries") throw;
            }
        }
    }

    void write(int writer) {
        for (int i = 0; i < options_.operations || commits_ < options_.commits; ++i) {
            const auto slot =
                static_cast<std::size_t>(writer * options_.keys + (i * 7) % options_.keys);
            Slot& state = slots_[slot];
            const int number = ++state.begun;
            insist([&] {
                if (deletes(number)) {
                    await(remove(house_.stores, repository_, "main", key_of(slot), {}));
                } else {
                    await(put(house_.stores, repository_, "main", key_of(slot),
                              value_of(content_of(number)), {}));
                }
            });
            state.acknowledged = number;
        }
    }

    void try_commit() {
        CommitRequest request;
        request.branch = "main";
        request.message = "crowd";
        try {
            await(commit(house_.stores, repository_, request));
            ++commits_;
        } catch (const Error& error) {
            const bool usual = error.detail() == "no_changes" || error.detail() == "too_many_tries";
            if (!usual) throw;
        }
    }

    void commit_all() {
        while (!over_) {
            try_commit();
            house_.clock.advance(std::chrono::milliseconds(300));
        }
    }

    // Writes below "r/" and drops it again; the writers' keys must not suffer.
    void reset() {
        for (int i = 0; !over_; ++i) {
            const std::string key = fmt::format("r/{}", i % 5);
            insist([&] {
                await(put(house_.stores, repository_, "main", key, value_of(content_of(i)), {}));
            });
            insist([&] {
                if (i % 2 == 0) {
                    await(reset_prefix(house_.stores, repository_, "main", "r/", false));
                } else {
                    await(reset_key(house_.stores, repository_, "main", key, false));
                }
            });
        }
    }

    std::vector<int> acknowledged() const {
        std::vector<int> numbers;
        for (const Slot& slot : slots_) numbers.push_back(slot.acknowledged);
        return numbers;
    }

    // Whether `shown` is the state after some operation from the last acknowledged one before the
    // read to the last one begun after it.
    void check(const char* who, std::size_t slot, int from,
               const std::optional<std::string>& shown) {
        const int to = slots_[slot].begun;
        for (int number = from; number <= to; ++number) {
            const bool absent = number == 0 || deletes(number);
            if (absent ? !shown : shown == content_of(number)) return;
        }
        complain(fmt::format("{}: {} shows {} where operations {}..{} count", who, key_of(slot),
                             shown.value_or("nothing"), from, to));
    }

    void list_once() {
        const std::vector<int> from = acknowledged();
        std::vector<std::optional<std::string>> shown(slots_.size());
        ListQuery query;
        query.prefix = "w/";
        query.limit = 7;
        ListPage page;
        do {
            insist([&] { page = await(list(house_.stores, repository_, "main", query)); });
            for (const ListItem& item : page.items) {
                shown.at(std::stoul(item.key.substr(2))) = item.data;
                query.after = item.key;
            }
        } while (page.more);
        for (std::size_t i = 0; i < shown.size(); ++i) check("list", i, from[i], shown[i]);
    }

    void list_all() {
        while (!over_) list_once();
    }

    void get_all() {
        for (std::size_t i = 0; !over_; i = (i + 1) % slots_.size()) {
            const int from = slots_[i].acknowledged;
            std::optional<std::string> shown;
            insist([&] {
                const auto found = await(get(house_.stores, repository_, "main", key_of(i)));
                shown.reset();
                if (found) shown = found->data;
            });
            check("get", i, from, shown);
        }
    }

    const CrowdOptions options_;
    House house_;
    const refs::Repository repository_;
    std::vector<Slot> slots_;
    std::atomic<int> commits_{0};
    std::atomic<bool> over_{false};
    std::mutex mutex_;
    std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::string> run_crowd(kv::Store& store, CrowdOptions options) {
    return Crowd(store, options).run();
}

}  // namespace tarn::versions
