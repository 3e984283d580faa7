#pragma once

namespace tarn::cli {

// The command line of the one binary; the exit status. What goes wrong is one line on standard
// error.
int run(int count, char** arguments);

}  // namespace tarn::cli
