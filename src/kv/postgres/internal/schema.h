#pragma once

#include "kv/postgres/internal/session.h"

namespace tarn::kv::postgres {

// Makes table kv, its hash partitions and its view where they are missing, under the lock that
// every server of this layout takes. Blocks.
// Source  docs/formats/kv.md
void create_schema(Session& session, Moment deadline);

// Whether the server spreads partition keys over kv_0 .. kv_99 as `table_of` does. Blocks.
bool routing_holds(Session& session, Moment deadline);

}  // namespace tarn::kv::postgres
