#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "base/secret.h"
#include "base/testing/temporary_folder.h"

struct pg_conn;

namespace tarn::kv {

// A client of a database, beside the store under test.
class PostgresClient {
public:
    explicit PostgresClient(const Secret& url);
    ~PostgresClient();
    PostgresClient(const PostgresClient&) = delete;
    PostgresClient& operator=(const PostgresClient&) = delete;

    // Runs statements, and returns the first field of the first row of the last one, or nothing.
    std::string sql(const std::string& statements);
    // Asks until the answer is `wanted`.
    void wait_until(const std::string& statement, const std::string& wanted);

private:
    pg_conn* connection_;
};

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
    // As PostgresClient, with a connection for the occasion.
    std::string sql(const std::string& statements, const std::string& database = "postgres") const;
    // Makes the database anew, empty.
    void create_database(const std::string& name);

private:
    void end(int signal);
    bool answers() const;

    TemporaryFolder folder_;
    int port_;
    pid_t process_ = 0;
};

}  // namespace tarn::kv
