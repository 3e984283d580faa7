#pragma once

#include "server/options.h"

namespace tarn::cli {

// Prints the version of the rows in the database. Errors  already_exists: a server holds the
// embedded store.
void print_schema_version(const server::Options& options);

// Takes the rows to the version of this program, and says what it did; other servers on the
// database must be stopped. Errors  likewise; precondition_failed: the rows are of a newer version.
void migrate_up(const server::Options& options);

}  // namespace tarn::cli
