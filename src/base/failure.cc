#include "base/internal/failure.h"

#include "base/log.h"

namespace tarn::internal {

void log_failure(std::exception_ptr failure) {
    if (!failure) return;
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        log::error("a background task failed: {}", error.what());
    } catch (...) {
        log::error("a background task failed");
    }
}

}  // namespace tarn::internal
