#pragma once

#include <string_view>

namespace tarn {

// Says that a step which changes what outlives the process has just been taken, or is about to be.
// Empty unless the build has failure points (TARN_FAILURE_POINTS, presets dev and asan) and a
// variable of that name names a file. While that file holds a number, the steps of the whole
// process are counted and their names appended to `<file>.passed`; at that number the process kills
// itself, as an operator would: nothing is flushed, no destructor runs.
//
// Used by tests that end a server between any two steps. Any thread.
void failure_point(std::string_view step);

// Whether this build has them.
bool has_failure_points();

}  // namespace tarn
