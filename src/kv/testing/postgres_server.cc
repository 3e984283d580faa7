#include "kv/testing/postgres_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>
#include <vector>

#include "base/error.h"

namespace tarn::kv {
namespace {

const std::string binaries = "/usr/lib/postgresql/15/bin/";
constexpr std::chrono::seconds start_timeout{60};

int free_port() {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    const bool bound = bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                       getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    CHECK(bound, "the system has a free port");
    close(listener);
    return ntohs(address.sin_port);
}

// The account that runs PostgreSQL in place of root.
const passwd& account() {
    static const passwd* const found = getpwnam("postgres");
    CHECK(found != nullptr, "the package of PostgreSQL has made its user");
    return *found;
}

// Starts a program in `folder`, as no root, ending with this process; its output goes to a file.
pid_t start_program(const std::filesystem::path& folder, std::vector<std::string> words) {
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const std::string log = folder / "log";
    const bool is_root = geteuid() == 0;
    const passwd& user = account();
    const pid_t process = fork();
    if (process != 0) return process;
    const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    closefrom(3);
    const bool left = !is_root || (setgid(user.pw_gid) == 0 && setuid(user.pw_uid) == 0);
    if (left && chdir(folder.c_str()) == 0) {
        prctl(PR_SET_PDEATHSIG, SIGINT);  // the change of user would clear it
        execv(arguments[0], arguments.data());
    }
    _exit(127);
}

int wait_for(pid_t process) {
    int status = 0;
    waitpid(process, &status, 0);
    return status;
}

}  // namespace

PostgresClient::PostgresClient(const Secret& url) : connection_(PQconnectdb(url.reveal().c_str())) {
    CHECK(PQstatus(connection_) == CONNECTION_OK, "the server takes connections");
}

PostgresClient::~PostgresClient() {
    PQfinish(connection_);
}

std::string PostgresClient::sql(const std::string& statements) {
    PGresult* const result = PQexec(connection_, statements.c_str());
    const ExecStatusType status = PQresultStatus(result);
    const bool well = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (!well) throw Error(Code::internal, PQerrorMessage(connection_));
    std::string value = PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "";
    PQclear(result);
    return value;
}

void PostgresClient::wait_until(const std::string& statement, const std::string& wanted) {
    const auto deadline = std::chrono::steady_clock::now() + start_timeout;
    while (sql(statement) != wanted) {
        CHECK(std::chrono::steady_clock::now() < deadline, "what a test waits for comes");
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
}

PostgresServer& PostgresServer::shared() {
    static PostgresServer server;
    return server;
}

PostgresServer::PostgresServer() : port_(free_port()) {
    if (geteuid() == 0) {
        const bool given = chown(folder_.path().c_str(), account().pw_uid, account().pw_gid) == 0;
        CHECK(given, "root gives its folder away");
    }
    const std::string data = folder_.path() / "data";
    const pid_t init =
        start_program(folder_.path(), {binaries + "initdb", "-D", data, "-U", "tarn", "-A", "trust",
                                       "-E", "UTF8", "--locale=C", "--no-sync"});
    CHECK(wait_for(init) == 0, "initdb makes a cluster");
    start();
}

PostgresServer::~PostgresServer() {
    crash();
}

void PostgresServer::start() {
    const std::string data = folder_.path() / "data";
    process_ = start_program(
        folder_.path(), {binaries + "postgres", "-D", data, "-p", std::to_string(port_), "-c",
                         "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c",
                         "fsync=off", "-c", "shared_buffers=32MB", "-c", "max_connections=60"});
    const auto deadline = std::chrono::steady_clock::now() + start_timeout;
    while (!answers()) {
        CHECK(waitpid(process_, nullptr, WNOHANG) == 0, "PostgreSQL runs");
        CHECK(std::chrono::steady_clock::now() < deadline, "PostgreSQL starts in time");
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

bool PostgresServer::answers() const {
    return PQping(url("postgres").reveal().c_str()) == PQPING_OK;
}

void PostgresServer::end(int signal) {
    if (process_ == 0) return;
    kill(process_, signal);
    wait_for(process_);
    process_ = 0;
}

void PostgresServer::stop() {
    end(SIGINT);
}

void PostgresServer::crash() {
    end(SIGQUIT);
}

Secret PostgresServer::url(const std::string& database) const {
    return Secret(fmt::format("postgresql://tarn@127.0.0.1:{}/{}", port_, database));
}

std::string PostgresServer::sql(const std::string& statements, const std::string& database) const {
    return PostgresClient(url(database)).sql(statements);
}

void PostgresServer::create_database(const std::string& name) {
    sql("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
    sql("CREATE DATABASE " + name);
}

}  // namespace tarn::kv
