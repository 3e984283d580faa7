#include "versions/observer.h"

#include "base/error.h"
#include "base/log.h"
#include "versions/internal/events.h"

namespace tarn::versions {

Task<void> SilentObserver::on(Event) {
    co_return;
}

Task<void> announce(Stores& stores, Event event) {
    if (event.repository.read_only) co_return;
    co_await stores.observer.on(std::move(event));
}

Task<void> report(Stores& stores, Event event) {
    try {
        co_await announce(stores, std::move(event));
    } catch (const Error& error) {
        log::warning("an observer failed after the event: {}", error.message());
    }
}

}  // namespace tarn::versions
