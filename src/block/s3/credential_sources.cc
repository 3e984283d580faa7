// The sources of credentials that are asked over the network or read from files.

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <fstream>
#include <iterator>
#include <utility>

#include <pugixml.hpp>

#include "base/bytes.h"
#include "base/error.h"
#include "block/s3/credentials.h"
#include "block/s3/messages.h"
#include "block/s3/place.h"

namespace tarn::block {
namespace {

constexpr std::size_t answer_bytes_max = 256 * 1024;
constexpr std::string_view link_local_host = "http://169.254.170.2";

[[noreturn]] void fail(const std::string& why) {
    throw Error(Code::unavailable, why, "no_credentials");
}

std::string_view line_of(std::string_view& text) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return trim(line);
}

std::string text_in(const boost::json::object& object, std::string_view name) {
    const auto* const value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return {};
    return std::string(value->as_string());
}

}  // namespace

std::optional<S3Credentials> parse_credentials_file(std::string_view text,
                                                    std::string_view profile) {
    S3Credentials found;
    bool inside = false;
    while (!text.empty()) {
        std::string_view line = line_of(text);
        if (line.empty() || line.front() == '#' || line.front() == ';') continue;
        if (line.front() == '[') {
            line = trim(line.substr(1, line.find(']') - 1));
            if (line.starts_with("profile ")) line = trim(line.substr(8));
            inside = line == profile;
            continue;
        }
        const std::size_t equals = line.find('=');
        if (!inside || equals == std::string_view::npos) continue;
        const std::string name = to_lower(trim(line.substr(0, equals)));
        const std::string value(trim(line.substr(equals + 1)));
        if (name == "aws_access_key_id") found.access_key = value;
        if (name == "aws_secret_access_key") found.secret = Secret(value);
        if (name == "aws_session_token") found.token = Secret(value);
    }
    if (found.access_key.empty() || found.secret.empty()) return std::nullopt;
    return found;
}

S3Credentials parse_metadata(std::string_view json) {
    boost::system::error_code malformed;
    const boost::json::value value = boost::json::parse(json, malformed);
    if (malformed || !value.is_object()) fail("the metadata service's answer is no JSON object");
    const boost::json::object& object = value.as_object();
    S3Credentials found{text_in(object, "AccessKeyId"), Secret(text_in(object, "SecretAccessKey")),
                        Secret(text_in(object, "Token")),
                        parse_iso_time(text_in(object, "Expiration"))};
    if (found.access_key.empty() || found.secret.empty()) {
        fail("the metadata service answered no credentials");
    }
    return found;
}

S3Credentials parse_assumed_role(std::string_view xml) {
    pugi::xml_document document;
    document.load_buffer(xml.data(), xml.size());
    const pugi::xml_node found =
        document.document_element().child("AssumeRoleWithWebIdentityResult").child("Credentials");
    S3Credentials credentials{
        found.child_value("AccessKeyId"), Secret(found.child_value("SecretAccessKey")),
        Secret(found.child_value("SessionToken")), parse_iso_time(found.child_value("Expiration"))};
    if (credentials.access_key.empty() || credentials.secret.empty()) {
        fail("the token service answered no credentials");
    }
    return credentials;
}

Task<std::string> S3CredentialChain::read_file(std::string path) {
    co_return co_await workers_.offload([&path] {
        std::ifstream file(path, std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(file), {});
    });
}

Task<std::string> S3CredentialChain::fetch(
    std::string method, std::string url, std::vector<std::pair<std::string, std::string>> fields) {
    const std::size_t scheme_end = url.find("://");
    if (scheme_end == std::string::npos) fail("'" + url + "' is no url");
    const std::size_t slash = url.find('/', scheme_end + 3);
    http::OutgoingRequest request;
    request.method = std::move(method);
    request.url = url.substr(0, slash);
    if (slash != std::string::npos) request.target = url.substr(slash);
    for (const auto& [name, value] : fields) request.fields.add(name, value);
    http::IncomingResponse answer = co_await client_.send(std::move(request));
    std::string text = co_await read_all(*answer.body, answer_bytes_max);
    if (answer.status == 200) co_return text;
    const auto fault = parse_fault(text);
    fail("'" + url.substr(0, url.find('?')) + "' answered " + std::to_string(answer.status) +
         (fault ? " " + fault->code : ""));
}

Task<S3CredentialChain::Found> S3CredentialChain::find_web_identity() {
    const auto file = variable("AWS_WEB_IDENTITY_TOKEN_FILE");
    const auto role = variable("AWS_ROLE_ARN");
    if (!file || !role) co_return std::nullopt;
    const std::string content = co_await read_file(*file);
    const std::string_view token = trim(std::string_view(content).substr(0, content.find('\n')));
    if (token.empty()) fail("'" + *file + "' holds no web identity");
    const std::string session = variable("AWS_ROLE_SESSION_NAME").value_or("tarn");
    std::string url = options_.token_service_url;
    if (url.empty()) url = "https://" + amazon_host("sts", region_);
    url +=
        "/?Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=" + percent_encode(*role) +
        "&RoleSessionName=" + percent_encode(session) +
        "&WebIdentityToken=" + percent_encode(token);
    if (options_.web_identity_duration.count() > 0) {
        url += "&DurationSeconds=" + std::to_string(options_.web_identity_duration.count());
    }
    const std::string answer = co_await fetch("GET", std::move(url), {});
    co_return parse_assumed_role(answer);
}

Task<S3CredentialChain::Found> S3CredentialChain::find_of_container() {
    const auto relative = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const auto full = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (!relative && !full) co_return std::nullopt;
    std::string token = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN").value_or("");
    const auto file = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    if (file) token = co_await read_file(*file);
    token = std::string(trim(std::string_view(token).substr(0, token.find('\n'))));
    std::vector<std::pair<std::string, std::string>> fields;
    if (!token.empty()) fields.emplace_back("Authorization", token);
    std::string url = relative ? std::string(link_local_host) + *relative : *full;
    const std::string answer = co_await fetch("GET", std::move(url), std::move(fields));
    co_return parse_metadata(answer);
}

Task<S3CredentialChain::Found> S3CredentialChain::find_of_machine() {
    const auto disabled = variable("AWS_EC2_METADATA_DISABLED");
    if (disabled && equals_ignoring_case(*disabled, "true")) co_return std::nullopt;
    std::string base = options_.metadata_url;
    if (base.empty()) base = variable("AWS_EC2_METADATA_SERVICE_ENDPOINT").value_or("");
    if (base.empty()) base = "http://169.254.169.254";
    while (base.ends_with('/')) base.pop_back();
    const std::string token = co_await fetch("PUT", base + "/latest/api/token",
                                             {{"X-aws-ec2-metadata-token-ttl-seconds", "21600"}});
    const std::pair<std::string, std::string> proof{"X-aws-ec2-metadata-token", token};
    const std::string folder = base + "/latest/meta-data/iam/security-credentials/";
    const std::string roles = co_await fetch("GET", folder, {proof});
    const std::string role = roles.substr(0, roles.find('\n'));
    const std::string answer = co_await fetch("GET", folder + percent_encode(role), {proof});
    co_return parse_metadata(answer);
}

}  // namespace tarn::block
