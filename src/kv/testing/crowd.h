#pragma once

#include <functional>

#include "base/task.h"

namespace tarn::kv {

// Runs `members` coroutines at the same time, spread over `contexts` threads, and returns when all
// have ended. `start` is called with 0..members-1. The first exception is thrown.
void run_crowd(int contexts, int members, const std::function<Task<void>(int)>& start);

}  // namespace tarn::kv
