#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

struct ssl_ctx_st;
struct ssl_st;

namespace tarn::http {

// What one attempt at a socket gave.
enum class Progress { done, wants_read, wants_write, ended, failed };

// One TLS connection over a non-blocking socket, which it does not own. Nothing here waits: when a
// call says `wants_…`, it is repeated once the socket is ready for that.
class TlsSession {
public:
    TlsSession(ssl_ctx_st* context, int descriptor, bool is_server);
    // A client's: the certificate must be for `host`, if it is checked at all.
    void expect_host(const std::string& host);

    Progress handshake();
    Progress read(std::span<char> into, std::size_t& size);
    Progress write(std::span<const char> bytes, std::size_t& size);
    // Says goodbye, if the socket takes it at once.
    void close();

private:
    struct Free {
        void operator()(ssl_st* session) const;
    };

    Progress progress_of(int result);

    std::unique_ptr<ssl_st, Free> session_;
};

// Certificates and settings shared by sessions: TLS 1.2 and 1.3, OpenSSL's default ciphers.
class TlsContext {
public:
    // Errors  invalid_argument: a file cannot be read, or key and certificate do not belong
    // together.
    static TlsContext server(const std::string& certificate_file, const std::string& key_file);
    // `authority_file`: PEM; empty for the system's authorities.
    static TlsContext client(bool verify_certificates, const std::string& authority_file);

    std::unique_ptr<TlsSession> accept(int descriptor) const;
    std::unique_ptr<TlsSession> connect(int descriptor, const std::string& host) const;

private:
    struct Free {
        void operator()(ssl_ctx_st* context) const;
    };

    explicit TlsContext(ssl_ctx_st* context) : context_(context) {}

    std::unique_ptr<ssl_ctx_st, Free> context_;
};

// OpenSSL and sendfile write to sockets that may be closed: the signal for that is ignored,
// process-wide.
void ignore_broken_pipes();

}  // namespace tarn::http
