#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "versions/stores.h"

namespace tarn::versions {

// Staged rows that no branch record names any more: left by a crash between the replacement of a
// record and the note of what it dropped. They do no harm but take room.
//
// `find_leftovers` returns the tokens whose rows nobody names. Partitions are listed first and the
// branch records of all repositories second, so a token in use is found named. One operation, the
// reset of a prefix, fills a token just before a record names it; where other servers are at work,
// wait a minute or more before `clean_leftovers`, which looks again and has only those removed that
// are still unnamed. It returns how many.
// Limits  Memory grows with the number of branches and leftovers, not with rows.
Task<std::vector<std::string>> find_leftovers(Stores& stores);
Task<std::size_t> clean_leftovers(Stores& stores, std::vector<std::string> found);

}  // namespace tarn::versions
