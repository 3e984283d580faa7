#pragma once

#include <functional>

#include "base/task.h"

namespace tarn::server {

// Runs a coroutine to its end from plain code, before and beside the listener. Throws what it
// throws.
void run_task(std::function<Task<void>()> task);

}  // namespace tarn::server
