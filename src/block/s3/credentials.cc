#include "block/s3/credentials.h"

#include <utility>

#include "base/error.h"
#include "base/log.h"

namespace tarn::block {
namespace {

constexpr std::chrono::seconds renewal_pause{10};

http::ClientOptions client_options() {
    http::ClientOptions options;
    options.connect_timeout = std::chrono::milliseconds(2'000);
    options.response_timeout = std::chrono::milliseconds(10'000);
    return options;
}

}  // namespace

S3CredentialChain::S3CredentialChain(S3CredentialsOptions options, std::string region,
                                     Workers& workers, const Clock& clock)
    : options_(std::move(options)),
      region_(std::move(region)),
      workers_(workers),
      clock_(clock),
      client_(client_options()) {}

std::optional<std::string> S3CredentialChain::variable(const std::string& name) const {
    if (!options_.environment) return std::nullopt;
    auto value = options_.environment(name);
    if (value && value->empty()) return std::nullopt;
    return value;
}

void S3CredentialChain::forget(std::string_view access_key) {
    const std::lock_guard lock(mutex_);
    if (known_ && known_->access_key == access_key) known_.reset();
}

Task<S3Credentials> S3CredentialChain::get() {
    while (true) {
        Signal renewed;
        bool mine = false;
        {
            const std::lock_guard lock(mutex_);
            const Time now = clock_.now();
            const bool good = known_ && (!known_->until || now < *known_->until);
            const bool old = !good || (known_->until && now >= next_try_ &&
                                       now + options_.expiry_window >= *known_->until);
            if (good && (!old || renewing_)) co_return *known_;
            mine = !std::exchange(renewing_, true);
            if (!mine) waiting_.push_back(renewed);
        }
        if (mine) {
            co_await renew();
        } else {
            co_await renewed.wait();
        }
    }
}

Task<void> S3CredentialChain::renew() {
    Found found;
    std::exception_ptr failure;
    try {
        found = co_await find();
    } catch (...) {
        failure = std::current_exception();
    }
    std::vector<Signal> waiting;
    bool good = false;
    {
        const std::lock_guard lock(mutex_);
        renewing_ = false;
        waiting.swap(waiting_);
        if (found) known_ = std::move(found);
        good = known_ && (!known_->until || clock_.now() < *known_->until);
        // What has not expired serves on while the source fails.
        if (failure) next_try_ = clock_.now() + renewal_pause;
    }
    Signal::notify_all(waiting);
    if (failure && !good) std::rethrow_exception(failure);
}

Task<S3Credentials> S3CredentialChain::find() {
    if (!options_.access_key_id.empty()) {
        co_return S3Credentials{options_.access_key_id, options_.secret_access_key,
                                options_.session_token, std::nullopt};
    }
    if (!options_.credentials_file.empty() || !options_.profile.empty()) {
        Found chosen = co_await find_in_file(true);
        co_return std::move(*chosen);
    }
    Found found = find_in_environment();
    if (!found) found = co_await find_web_identity();
    if (!found) found = co_await find_in_file(false);
    if (!found) found = co_await find_of_container();
    if (!found) found = co_await find_of_machine();
    if (!found) {
        throw Error(Code::unavailable, "no credentials for the object store were found",
                    "no_credentials");
    }
    co_return std::move(*found);
}

S3CredentialChain::Found S3CredentialChain::find_in_environment() const {
    const auto key = variable("AWS_ACCESS_KEY_ID");
    const auto secret = variable("AWS_SECRET_ACCESS_KEY");
    if (!key || !secret) return std::nullopt;
    return S3Credentials{*key, Secret(*secret), Secret(variable("AWS_SESSION_TOKEN").value_or("")),
                         std::nullopt};
}

Task<S3CredentialChain::Found> S3CredentialChain::find_in_file(bool required) {
    std::string path = options_.credentials_file;
    if (path.empty()) path = variable("AWS_SHARED_CREDENTIALS_FILE").value_or("");
    if (path.empty()) {
        const auto home = variable("HOME");
        if (home) path = *home + "/.aws/credentials";
    }
    std::string profile = options_.profile;
    if (profile.empty()) profile = variable("AWS_PROFILE").value_or("default");
    const std::string text = co_await read_file(path);
    Found found = parse_credentials_file(text, profile);
    if (!found && required) {
        throw Error(Code::unavailable,
                    "'" + path + "' has no credentials for the profile '" + profile + "'",
                    "no_credentials");
    }
    co_return found;
}

}  // namespace tarn::block
