#pragma once

#include "versions/observer.h"
#include "versions/stores.h"

namespace tarn::versions {

// Tells the observer before something happens; what it throws stops the operation. Nothing is told
// of read-only repositories.
Task<void> announce(Stores& stores, Event event);
// Tells it afterwards; what it throws is logged, for the operation has succeeded.
Task<void> report(Stores& stores, Event event);

}  // namespace tarn::versions
