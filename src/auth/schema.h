#pragma once

#include <optional>
#include <string>

#include "base/task.h"
#include "kv/store.h"

namespace tarn::auth {

// The version of all rows that this program reads and writes.
inline constexpr int schema_version = 4;

// The version of the rows in a store; nothing before the first set-up.
// Errors  corrupted: it is no number.
// Source  docs/formats/auth.md
Task<std::optional<int>> find_schema_version(kv::Store& store);

// Refuses rows that are not of our version. Errors  precondition_failed (detail "schema").
Task<void> check_schema(kv::Store& store);

// Takes older rows to our version, and returns the version they had; nothing when there is nothing
// to do. Errors  precondition_failed (detail "schema"): the rows are of a newer version, or of none
// that was ever in use. conflict: another process changes them.
Task<std::optional<int>> migrate_schema(kv::Store& store);

}  // namespace tarn::auth
