#include "block/testing/versity_gateway.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <thread>

namespace tarn::block {
namespace {

namespace fs = std::filesystem;

std::string find_program() {
    const char* const named = std::getenv("TARN_VERSITYGW");
    const std::string path = named != nullptr ? named : TARN_SOURCE_DIR "/.venv/bin/versitygw";
    if (!fs::exists(path)) {
        throw std::runtime_error("'" + path +
                                 "' does not exist; run scripts/setup, or set TARN_VERSITYGW");
    }
    return path;
}

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

std::uint16_t free_port() {
    const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    ::bind(probe, reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size);
    ::close(probe);
    return ntohs(address.sin_port);
}

bool listens(std::uint16_t port) {
    const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    const int result =
        ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    ::close(probe);
    return result == 0;
}

}  // namespace

VersityGateway::VersityGateway() : port_(free_port()) {
    const std::string program = find_program();
    const std::string place = "127.0.0.1:" + std::to_string(port_);
    const std::string buckets = folder_.path() / "buckets";
    fs::create_directory(buckets);
    const std::array<const char*, 11> arguments{
        program.c_str(), "--access", access_key, "--secret",      secret_key, "--port",
        place.c_str(),   "--quiet",  "posix",    buckets.c_str(), nullptr};
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    const std::string log = folder_.path() / "log";
    ::posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT, 0600);
    ::posix_spawn_file_actions_adddup2(&actions, 1, 2);
    const int result = ::posix_spawn(&process_, program.c_str(), &actions, nullptr,
                                     const_cast<char* const*>(arguments.data()), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (result != 0) throw std::runtime_error("versitygw does not start");
    wait_until_it_listens();
}

VersityGateway::~VersityGateway() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
}

void VersityGateway::wait_until_it_listens() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!listens(port_)) {
        const bool ended = ::waitpid(process_, nullptr, WNOHANG) == process_;
        if (ended || std::chrono::steady_clock::now() > deadline) {
            throw std::runtime_error("versitygw does not listen; see " +
                                     (folder_.path() / "log").string());
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

void VersityGateway::make_bucket(const std::string& name) const {
    fs::create_directory(folder_.path() / "buckets" / name);
}

S3Options VersityGateway::options() const {
    S3Options options;
    options.endpoint = url();
    options.force_path_style = true;
    options.credentials.access_key_id = access_key;
    options.credentials.secret_access_key = Secret(secret_key);
    return options;
}

}  // namespace tarn::block
