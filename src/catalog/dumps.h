#pragma once

#include <string>
#include <string_view>

#include "catalog/catalog.h"
#include "catalog/tasks.h"
#include "versions/dump.h"

namespace tarn::catalog {

// Writes the dump of a repository and, beside it, a manifest that names its trees.
Task<versions::Dump> dump_refs(Catalog& catalog, refs::Repository repository);
// Loads a dump into a bare repository; which it is, is the caller's to ask.
Task<void> restore_refs(Catalog& catalog, refs::Repository repository, versions::Dump dump);

// Tasks that do the same in the background (without a manifest); their ids.
Task<std::string> submit_dump(Catalog& catalog, refs::Repository repository,
                              Tasks::Describe describe);
Task<std::string> submit_restore(Catalog& catalog, refs::Repository repository, versions::Dump dump,
                                 Tasks::Describe describe);

// What a dump task has as its result. Errors  corrupted.
versions::Dump decode_dump(std::string_view result);

}  // namespace tarn::catalog
