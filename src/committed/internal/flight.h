#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/signal.h"
#include "base/task.h"

namespace tarn::committed {

// Lets concurrent askers for one thing share one fetch: the first fetches, the others wait for its
// result or its exception.
// Threads   Any; each asker resumes on its own context.
// Lifetime  `fetch` is kept by the asker until it returns.
template <class Value>
class Flights {
public:
    using Fetch = std::function<Task<std::shared_ptr<const Value>>()>;

    Task<std::shared_ptr<const Value>> get(std::string key, Fetch fetch) {
        const Joined joined = join(key);
        if (!joined.leads) {
            co_await joined.landed.wait();
            if (joined.flight->failure) std::rethrow_exception(joined.flight->failure);
            co_return joined.flight->value;
        }
        try {
            std::shared_ptr<const Value> value = co_await fetch();
            joined.flight->value = std::move(value);
        } catch (...) {
            joined.flight->failure = std::current_exception();
        }
        land(key, *joined.flight);
        if (joined.flight->failure) std::rethrow_exception(joined.flight->failure);
        co_return joined.flight->value;
    }

private:
    struct Flight {
        std::shared_ptr<const Value> value;  // written by the leader before it lands
        std::exception_ptr failure;
        std::vector<Signal> waiting;
    };

    struct Joined {
        std::shared_ptr<Flight> flight;
        bool leads;
        Signal landed;
    };

    Joined join(const std::string& key) {
        Signal landed;
        const std::lock_guard lock(mutex_);
        auto& flight = flights_[key];
        if (!flight) {
            flight = std::make_shared<Flight>();
            return {flight, true, landed};
        }
        flight->waiting.push_back(landed);
        return {flight, false, landed};
    }

    void land(const std::string& key, Flight& flight) {
        std::vector<Signal> waiting;
        {
            const std::lock_guard lock(mutex_);
            flights_.erase(key);
            waiting.swap(flight.waiting);
        }
        Signal::notify_all(waiting);
    }

    std::mutex mutex_;
    std::unordered_map<std::string, std::shared_ptr<Flight>> flights_;
};

}  // namespace tarn::committed
