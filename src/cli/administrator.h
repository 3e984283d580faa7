#pragma once

#include <string>

#include "server/options.h"

namespace tarn::cli {

struct AdministratorRequest {
    std::string user_name;
    std::string access_key_id;  // with its secret; both empty: new ones are made
    std::string secret_access_key;
};

// Creates the administrator and prints the keys: through the running server where one holds the
// data folder, else directly. Errors  already_exists: the installation has one.
void set_up(server::Options options, const AdministratorRequest& request);

// Replaces all keys of the administrator and prints the new ones.
// Errors  already_exists: a server is running on the data folder.
void replace_keys(server::Options options, const AdministratorRequest& request);

}  // namespace tarn::cli
