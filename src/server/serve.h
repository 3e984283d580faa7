#pragma once

#include "server/options.h"

namespace tarn::server {

// Runs a server until SIGTERM or SIGINT; the exit status. A second SIGINT ends it at once.
// Errors  As House and DataFolder, and invalid_argument for what the listener refuses.
int serve(Options options);

}  // namespace tarn::server
