#pragma once

#include <chrono>
#include <string>

#include "catalog/catalog.h"

namespace tarn::gc {

struct UncommittedOptions {
    std::size_t file_bytes_max = 20 * 1024 * 1024;
    std::chrono::seconds time_max{60};
};

// One file of addresses of uncommitted objects, which a sweeper keeps.
struct PreparedUncommitted {
    std::string run_id;
    std::string location;      // of the folder of all files of the run; empty: there was nothing
    std::string continuation;  // for the next call; empty: this was the last
};

// Goes through what is uncommitted on all branches and writes the addresses that lie in the
// repository's namespace; a call ends when its file is large or its time is over.
// Limits  A call holds one file in memory.
// Errors  invalid_argument (detail "bad_continuation").
// Source  docs/formats/tasks.md
Task<PreparedUncommitted> prepare_uncommitted(catalog::Catalog& catalog,
                                              refs::Repository repository, std::string continuation,
                                              UncommittedOptions options);

}  // namespace tarn::gc
