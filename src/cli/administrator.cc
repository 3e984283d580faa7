#include "cli/administrator.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <fstream>
#include <memory>
#include <optional>

#include "auth/auth.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/workers.h"
#include "http/client.h"
#include "server/data_folder.h"
#include "server/kv_store.h"
#include "server/run_task.h"
#include "server/version.h"

namespace tarn::cli {

namespace {

void print_key(const std::string& access_key_id, const std::string& secret_access_key) {
    fmt::print(
        "credentials of the administrator; the secret is not shown again:\n\n"
        "    export AWS_ACCESS_KEY_ID={}\n    export AWS_SECRET_ACCESS_KEY={}\n",
        access_key_id, secret_access_key);
}

std::optional<auth::GivenKey> given_key(const AdministratorRequest& request) {
    if (request.access_key_id.empty() != request.secret_access_key.empty()) {
        throw Error(Code::invalid_argument, "--access-key-id and --secret-access-key go together");
    }
    if (request.access_key_id.empty()) return std::nullopt;
    return auth::GivenKey{request.access_key_id, Secret(request.secret_access_key)};
}

// Opens the users of a data folder that this process holds, and runs `action` on them.
void with_auth(server::Options options, const server::DataFolder& folder,
               const std::function<Task<void>(auth::Auth&)>& action) {
    if (options.kv_type == server::KvType::mem) {
        throw Error(Code::invalid_argument,
                    "database.type is 'mem': there is nothing to set up without a server");
    }
    if (options.auth.secret_key.empty()) options.auth.secret_key = folder.secret();
    const SystemClock clock;
    Workers workers(1);
    const auto store = server::open_kv_store(options, workers);
    auth::Auth users(*store, clock, options.auth);
    server::run_task([&]() -> Task<void> {
        auth::ServerFacts facts;
        facts.version = server::version;
        facts.kv_type = name(options.kv_type);
        co_await users.start(std::move(facts));
        co_await action(users);
    });
}

// The address that the server on `folder` has left there.
std::string endpoint_of(const std::filesystem::path& folder) {
    std::string url;
    std::ifstream(folder / "endpoint") >> url;
    if (url.empty()) {
        throw Error(Code::unavailable,
                    fmt::format("{} is in use, and its server has not said where it listens",
                                folder.string()));
    }
    return url;
}

void set_up_through(const std::string& url, const AdministratorRequest& request) {
    boost::json::object body{{"username", request.user_name}};
    if (!request.access_key_id.empty()) {
        body["key"] = {{"access_key_id", request.access_key_id},
                       {"secret_access_key", request.secret_access_key}};
    }
    const auto source = source_of(boost::json::serialize(body));
    http::Client client{http::ClientOptions{}};
    int status = 0;
    std::string answer;
    server::run_task([&]() -> Task<void> {
        http::OutgoingRequest outgoing;
        outgoing.url = url;
        outgoing.method = "POST";
        outgoing.target = "/api/v1/setup_lakefs";
        outgoing.fields.add("Content-Type", "application/json");
        outgoing.body = source.get();
        http::IncomingResponse response = co_await client.send(std::move(outgoing));
        status = response.status;
        answer = co_await read_all(*response.body, 1024 * 1024);
    });
    const boost::json::value decoded = boost::json::parse(answer);
    if (status != 200) {
        const auto& message = decoded.as_object().at("message").as_string();
        throw Error(status == 409 ? Code::already_exists : Code::unavailable,
                    fmt::format("{} refused: {}", url, std::string_view(message)));
    }
    const auto& key = decoded.as_object();
    print_key(std::string(key.at("access_key_id").as_string()),
              std::string(key.at("secret_access_key").as_string()));
}

}  // namespace

void set_up(server::Options options, const AdministratorRequest& request) {
    std::optional<auth::GivenKey> key = given_key(request);
    std::unique_ptr<server::DataFolder> folder;
    try {
        folder = std::make_unique<server::DataFolder>(options.data_folder);
    } catch (const Error& error) {
        if (error.code() != Code::already_exists) throw;
        set_up_through(endpoint_of(options.data_folder), request);
        return;
    }
    with_auth(options, *folder, [&](auth::Auth& users) -> Task<void> {
        const auth::Credential made = co_await users.setup(request.user_name, key);
        print_key(made.access_key_id, made.secret_access_key.reveal());
    });
}

void replace_keys(server::Options options, const AdministratorRequest& request) {
    std::optional<auth::GivenKey> key = given_key(request);
    const server::DataFolder folder(options.data_folder);
    with_auth(options, folder, [&](auth::Auth& users) -> Task<void> {
        const auth::Credential made = co_await users.replace_keys(request.user_name, key);
        print_key(made.access_key_id, made.secret_access_key.reveal());
    });
}

}  // namespace tarn::cli
