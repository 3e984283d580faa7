#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "catalog/catalog.h"
#include "catalog/internal/state.h"

namespace tarn::catalog {

Tasks& Catalog::tasks() {
    return state_->tasks;
}

Imports& Catalog::imports() {
    return state_->imports;
}

Background& Catalog::background() {
    return state_->background;
}

void Catalog::start_housekeeping() {
    static constexpr std::chrono::hours day{24};
    state_->background.start_upkeep([this]() -> Task<void> {
        bool going_on = true;
        while (going_on) {
            try {
                co_await remove_old_records();
            } catch (const Error& error) {
                log::warning("old records could not be removed: {}", error.message());
            }
            going_on = co_await state_->background.sleep(day);
        }
    });
}

Task<void> Catalog::remove_old_records() {
    co_await state_->tasks.remove_old_heartbeats();
    std::string after;
    bool more = true;
    while (more) {
        const auto page = co_await state_->stores.refs.list_repositories("", after, 100, "");
        for (const refs::Repository& repository : page.items) {
            state_->background.checkpoint();
            co_await state_->imports.remove_old(repository);
            co_await state_->tasks.remove_old(repository);
        }
        more = page.more && !page.items.empty();
        if (more) after = page.items.back().id;
    }
}

}  // namespace tarn::catalog
