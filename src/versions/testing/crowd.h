#pragma once

#include <string>
#include <vector>

#include "kv/store.h"

namespace tarn::versions {

struct CrowdOptions {
    int writers = 3;
    int committers = 2;
    int operations = 1'000;  // of each writer, at least
    int commits = 30;        // of all committers, at least
    int keys = 8;            // of each writer
};

// Writers, committers, resetters and readers at once on one branch of `store`, each a thread with a
// server's worth of caches shared by all. Every writer writes and deletes keys of its own; readers
// check all the while, by get and by list, that each key shows the last acknowledged state or one
// begun since; resetters drop what is uncommitted under a prefix of their own, whose keys must be
// back where they were. At the end everything is committed and looked at once more.
// Returns what was wrong, in words; empty when nothing was.
std::vector<std::string> run_crowd(kv::Store& store, CrowdOptions options);

}  // namespace tarn::versions
