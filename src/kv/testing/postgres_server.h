#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "base/secret.h"
#include "kv/testing/temp_folder.h"

namespace tarn::kv {

// A real PostgreSQL on a free loopback port, in a folder of its own, as a user that is not root.
// Threads   One. Lifetime  It ends with the process that started it, however that ends.
class PostgresServer {
public:
    PostgresServer();
    ~PostgresServer();
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;

    // The one that all tests of a program share, made at the first call.
    static PostgresServer& shared();

    void start();  // returns when it takes connections
    void stop();   // ends all sessions
    void crash();  // ends at once; recovery follows

    Secret url(const std::string& database) const;
    // Runs statements, and returns the first field of the first row of the last one, or nothing.
    std::string sql(const std::string& statements, const std::string& database = "postgres");
    // Makes the database anew, empty.
    void create_database(const std::string& name);

private:
    void end(int signal);
    bool answers() const;

    TempFolder folder_;
    int port_;
    pid_t process_ = 0;
};

}  // namespace tarn::kv
