#include <fmt/format.h>
#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/testing/await.h"
#include "base/testing/temporary_folder.h"
#include "http/client.h"
#include "http/testing/raw_client.h"
#include "http/testing/test_server.h"

namespace tarn::http {
namespace {

// A key and a certificate of its own for 127.0.0.1, in files that go away with the test.
class SelfSigned {
public:
    SelfSigned() {
        const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"),
                                                                      &EVP_PKEY_free);
        const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
        describe(certificate.get(), key.get());
        write(key_file(), [&key](std::FILE* file) {
            PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
        });
        write(certificate_file(),
              [&certificate](std::FILE* file) { PEM_write_X509(file, certificate.get()); });
    }

    std::string key_file() const { return folder_.path() / "key.pem"; }
    std::string certificate_file() const { return folder_.path() / "certificate.pem"; }

private:
    static void describe(X509* certificate, EVP_PKEY* key) {
        X509_set_version(certificate, X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
        X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
        X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
        X509_set_pubkey(certificate, key);
        X509_NAME* subject = X509_get_subject_name(certificate);
        const auto* text = reinterpret_cast<const unsigned char*>("tarn test");
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, text, -1, -1, 0);
        X509_set_issuer_name(certificate, subject);
        X509_EXTENSION* names =
            X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
        X509_add_ext(certificate, names, -1);
        X509_EXTENSION_free(names);
        X509_sign(certificate, key, EVP_sha256());
    }

    template <class Write>
    static void write(const std::string& path, Write write_to) {
        std::FILE* file = std::fopen(path.c_str(), "w");
        write_to(file);
        std::fclose(file);
    }

    const TemporaryFolder folder_;
};

Task<Response> echo(Request& request) {
    const std::string body = co_await read_all(request.body(), 64 << 20);
    co_return make_response(200, "", fmt::format("{} {}", request.is_tls(), body));
}

Task<std::string> put(Client& client, std::string url, std::string bytes) {
    const auto body = source_of(std::move(bytes));
    OutgoingRequest request;
    request.url = std::move(url);
    request.method = "PUT";
    request.body = body.get();
    IncomingResponse response = co_await client.send(request);
    co_return co_await read_all(*response.body, 64 << 20);
}

ServerOptions tls_options(const SelfSigned& files) {
    ServerOptions options = test_options();
    options.tls_certificate_file = files.certificate_file();
    options.tls_key_file = files.key_file();
    return options;
}

TEST(Tls, CarriesRequestsAndAnswersOfAnySize) {
    const SelfSigned files;
    TestServer server(echo, tls_options(files));
    ClientOptions options;
    options.authority_file = files.certificate_file();
    Client client(options);
    const std::string url = fmt::format("https://127.0.0.1:{}", server.port());

    for (const std::size_t size : {0, 10, 20'000, 5'000'000}) {
        const std::string bytes(size, 'x');
        EXPECT_TRUE(await(put(client, url, bytes)) == "true " + bytes) << size;
    }
    EXPECT_EQ(server.server().counters().connections_open, 1U);
}

TEST(Tls, SendsFilesOfAnySize) {
    const SelfSigned files;
    const std::string path = files.key_file() + ".data";
    const std::string bytes(3'000'000, 'f');
    std::FILE* made = std::fopen(path.c_str(), "w+");
    std::fwrite(bytes.data(), 1, bytes.size(), made);
    std::fflush(made);
    const auto file = std::make_shared<const File>(::dup(::fileno(made)));
    std::fclose(made);
    const TestServer server(
        [&file](Request& request) -> Task<Response> {
            Response response;
            response.body = FileRange{file, 0, request.path() == "/small" ? 1000U : 3'000'000U};
            co_return response;
        },
        tls_options(files));
    ClientOptions options;
    options.verify_certificates = false;
    Client client(options);
    const auto get = [&client, &server](std::string target) -> Task<std::string> {
        OutgoingRequest request;
        request.url = fmt::format("https://127.0.0.1:{}", server.port());
        request.target = std::move(target);
        IncomingResponse response = co_await client.send(request);
        co_return co_await read_all(*response.body, 64 << 20);
    };

    EXPECT_EQ(await(get("/small")).size(), 1000U);
    EXPECT_TRUE(await(get("/large")) == bytes);
}

TEST(Tls, RefusesACertificateThatNobodyVouchesFor) {
    const SelfSigned files;
    const TestServer server(echo, tls_options(files));
    Client client({});
    std::string detail;

    try {
        await(put(client, fmt::format("https://127.0.0.1:{}", server.port()), "x"));
    } catch (const Error& error) {
        detail = error.detail();
    }

    EXPECT_EQ(detail, "not_sent");
}

TEST(Tls, RefusesACertificateForAnotherHost) {
    const SelfSigned files;
    const TestServer server(echo, tls_options(files));
    ClientOptions options;
    options.authority_file = files.certificate_file();
    Client client(options);

    EXPECT_THROW(await(put(client, fmt::format("https://localhost:{}", server.port()), "x")),
                 Error);
}

TEST(Tls, EndsAConnectionThatSpeaksPlainHttp) {
    const SelfSigned files;
    const TestServer server(echo, tls_options(files));
    RawClient client(server.port());

    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

    EXPECT_FALSE(client.read_all().starts_with("HTTP/1.1 200"));
}

TEST(Tls, RefusesToStartWithoutAKeyThatFits) {
    const SelfSigned files;
    const SelfSigned others;
    ServerOptions options = tls_options(files);

    options.tls_key_file = "";
    EXPECT_THROW(TestServer(echo, options), Error);
    options.tls_key_file = "/nowhere/key.pem";
    EXPECT_THROW(TestServer(echo, options), Error);
    options.tls_key_file = others.key_file();
    EXPECT_THROW(TestServer(echo, options), Error);
}

}  // namespace
}  // namespace tarn::http
