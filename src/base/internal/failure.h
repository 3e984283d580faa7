#pragma once

#include <exception>

namespace tarn::internal {

// Logs why a task that nobody waits for has failed; nothing when it has not.
void log_failure(std::exception_ptr failure);

}  // namespace tarn::internal
