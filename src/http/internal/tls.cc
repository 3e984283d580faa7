#include "http/internal/tls.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <csignal>

#include "base/error.h"

namespace tarn::http {

void ignore_broken_pipes() {
    std::signal(SIGPIPE, SIG_IGN);
}

namespace {

// The newest fault of OpenSSL on this thread, in words; clears the rest.
std::string last_fault() {
    char text[256] = "unknown";
    const unsigned long code = ERR_get_error();
    if (code != 0) ERR_error_string_n(code, text, sizeof text);
    ERR_clear_error();
    return text;
}

SSL_CTX* new_context(const SSL_METHOD* method) {
    SSL_CTX* context = SSL_CTX_new(method);
    CHECK(context != nullptr, "OpenSSL has memory for a context");
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    return context;
}

}  // namespace

void TlsSession::Free::operator()(ssl_st* session) const {
    SSL_free(session);
}
void TlsContext::Free::operator()(ssl_ctx_st* context) const {
    SSL_CTX_free(context);
}

TlsSession::TlsSession(ssl_ctx_st* context, int descriptor, bool is_server)
    : session_(SSL_new(context)) {
    CHECK(session_ != nullptr, "OpenSSL has memory for a session");
    CHECK(SSL_set_fd(session_.get(), descriptor) == 1, "OpenSSL takes any open socket");
    if (is_server) {
        SSL_set_accept_state(session_.get());
    } else {
        SSL_set_connect_state(session_.get());
    }
}

void TlsSession::expect_host(const std::string& host) {
    X509_VERIFY_PARAM* checks = SSL_get0_param(session_.get());
    if (X509_VERIFY_PARAM_set1_ip_asc(checks, host.c_str()) == 1) return;
    SSL_set_tlsext_host_name(session_.get(), host.c_str());
    X509_VERIFY_PARAM_set1_host(checks, host.data(), host.size());
}

Progress TlsSession::progress_of(int result) {
    switch (SSL_get_error(session_.get(), result)) {
        case SSL_ERROR_NONE:
            return Progress::done;
        case SSL_ERROR_WANT_READ:
            return Progress::wants_read;
        case SSL_ERROR_WANT_WRITE:
            return Progress::wants_write;
        case SSL_ERROR_ZERO_RETURN:
            return Progress::ended;
        default:
            ERR_clear_error();
            return Progress::failed;
    }
}

Progress TlsSession::handshake() {
    ERR_clear_error();
    return progress_of(SSL_do_handshake(session_.get()));
}

Progress TlsSession::read(std::span<char> into, std::size_t& size) {
    ERR_clear_error();
    return progress_of(SSL_read_ex(session_.get(), into.data(), into.size(), &size));
}

Progress TlsSession::write(std::span<const char> bytes, std::size_t& size) {
    ERR_clear_error();
    return progress_of(SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &size));
}

void TlsSession::close() {
    if (SSL_is_init_finished(session_.get()) == 1) SSL_shutdown(session_.get());
    ERR_clear_error();
}

TlsContext TlsContext::server(const std::string& certificate_file, const std::string& key_file) {
    TlsContext made(new_context(TLS_server_method()));
    SSL_CTX* context = made.context_.get();
    if (SSL_CTX_use_certificate_chain_file(context, certificate_file.c_str()) != 1) {
        throw Error(Code::invalid_argument, fmt::format("certificate file '{}' cannot be used: {}",
                                                        certificate_file, last_fault()));
    }
    if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
        throw Error(Code::invalid_argument,
                    fmt::format("key file '{}' cannot be used: {}", key_file, last_fault()));
    }
    return made;
}

TlsContext TlsContext::client(bool verify_certificates, const std::string& authority_file) {
    TlsContext made(new_context(TLS_client_method()));
    SSL_CTX* context = made.context_.get();
    SSL_CTX_set_verify(context, verify_certificates ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
    if (authority_file.empty()) {
        SSL_CTX_set_default_verify_paths(context);
    } else if (SSL_CTX_load_verify_locations(context, authority_file.c_str(), nullptr) != 1) {
        throw Error(Code::invalid_argument, fmt::format("authority file '{}' cannot be used: {}",
                                                        authority_file, last_fault()));
    }
    return made;
}

std::unique_ptr<TlsSession> TlsContext::accept(int descriptor) const {
    return std::make_unique<TlsSession>(context_.get(), descriptor, true);
}

std::unique_ptr<TlsSession> TlsContext::connect(int descriptor, const std::string& host) const {
    auto session = std::make_unique<TlsSession>(context_.get(), descriptor, false);
    session->expect_host(host);
    return session;
}

}  // namespace tarn::http
