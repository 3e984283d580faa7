#include <fmt/format.h>
#include <unistd.h>

#include "auth/auth.h"
#include "auth/internal/state.h"
#include "auth/schema.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/ids.h"

namespace tarn::auth {
namespace {

constexpr std::string_view administrator_source = "internal";
constexpr std::string_view default_administrator = "admin";

#if defined(__x86_64__)
constexpr std::string_view architecture = "amd64";
#elif defined(__aarch64__)
constexpr std::string_view architecture = "arm64";
#else
constexpr std::string_view architecture = "unknown";
#endif

std::string truth(bool value) {
    return value ? "true" : "false";
}

bool is_in_kubernetes() {
    return access("/var/run/secrets/kubernetes.io", F_OK) == 0;
}

bool is_in_container() {
    return access("/.dockerenv", F_OK) == 0;
}

kv::Step put_metadata(std::string_view name, std::string value) {
    return kv::Put{internal::metadata_row(name), std::move(value)};
}

kv::Step put_if_absent(kv::Key key, std::string value) {
    return kv::PutIf{std::move(key), std::move(value), kv::absent};
}

// The rows that make an installation one that is set up. The last one is what counts.
std::vector<kv::Step> setup_steps(Time now) {
    const std::string time = format_rfc3339(from_unix_seconds(unix_seconds(now)));
    std::vector<kv::Step> steps;
    steps.push_back(put_if_absent(internal::schema_row(), std::to_string(schema_version)));
    steps.push_back(put_if_absent(internal::metadata_row("setup_auth_none"), time));
    steps.push_back(put_if_absent(internal::metadata_row("comm_prefs_set"), truth(false)));
    steps.push_back(put_if_absent(internal::metadata_row("setup_timestamp"), time));
    return steps;
}

Error already_initialized() {
    return Error(Code::already_exists, "there is an administrator already", "initialized");
}

}  // namespace

Task<void> Auth::start(ServerFacts facts) {
    co_await check_schema(state_->store);
    std::string id = facts.fixed_id.empty() ? new_uuid() : std::move(facts.fixed_id);
    std::vector<kv::Step> steps;
    steps.push_back(put_if_absent(internal::installation_id_row(), std::move(id)));
    steps.push_back(put_metadata("lakefs_version", std::move(facts.version)));
    steps.push_back(put_metadata("lakefs_kv_type", std::move(facts.kv_type)));
    steps.push_back(put_metadata("architecture", std::string(architecture)));
    steps.push_back(put_metadata("os", "linux"));
    steps.push_back(put_metadata("is_k8s", truth(is_in_kubernetes())));
    steps.push_back(put_metadata("is_docker", truth(is_in_container())));
    steps.push_back(put_metadata("instrumentation", "Run"));
    co_await state_->store.run(steps);
}

Task<std::string> Auth::installation_id() {
    const auto found = co_await kv::find(state_->store, internal::installation_id_row());
    if (found) co_return *found;
    std::vector<kv::Step> steps;
    steps.push_back(put_if_absent(internal::installation_id_row(), new_uuid()));
    steps.push_back(kv::Find{internal::installation_id_row()});
    const auto results = co_await state_->store.run(steps);
    co_return results.back().value.value();
}

Task<SetupState> Auth::setup_state() {
    std::vector<kv::Step> steps;
    steps.push_back(kv::Find{internal::metadata_row("setup_timestamp")});
    steps.push_back(kv::Find{internal::metadata_row("comm_prefs_set")});
    const auto results = co_await state_->store.run(steps);
    SetupState state;
    state.initialized = results[0].value.has_value();
    state.preferences_missing = results[1].value != "true";
    co_return state;
}

Task<Credential> Auth::setup(std::string user_name, std::optional<GivenKey> key) {
    if (user_name.empty()) {
        throw Error(Code::invalid_argument, "the administrator has a name", "empty_name");
    }
    if (key && !internal::is_usable(*key)) throw internal::unusable_key();
    const SetupState before = co_await setup_state();
    if (before.initialized) throw already_initialized();
    User user;
    user.name = user_name;
    user.source = administrator_source;
    user.created_at = state_->clock.now();
    auto record = internal::write_user(user);
    const bool created =
        co_await kv::put_if(state_->store, internal::user_row(), std::move(record), kv::absent);
    if (!created) {
        // A set-up that did not come to its end left the user; the same name may end it.
        const auto present = co_await state_->load_user();
        if (!present || present->name != user_name) throw already_initialized();
    }
    auto credential = co_await state_->store_credential(std::move(user_name), std::move(key));
    const auto steps = setup_steps(state_->clock.now());
    const auto results = co_await state_->store.run(steps);
    if (!results.back().done) {
        co_await state_->remove_credential(credential.access_key_id);
        throw already_initialized();
    }
    co_return credential;
}

Task<void> Auth::save_preferences(Preferences preferences) {
    const SetupState before = co_await setup_state();
    if (!before.initialized) {
        throw Error(Code::precondition_failed, "there is no administrator yet", "not_initialized");
    }
    if (!before.preferences_missing) {
        throw Error(Code::already_exists, "the preferences are saved already", "preferences");
    }
    std::vector<kv::Step> steps;
    steps.push_back(put_metadata("encoded_user_email", to_base64(preferences.email)));
    steps.push_back(put_metadata("encoded_user_first_name", to_base64(preferences.first_name)));
    steps.push_back(put_metadata("encoded_user_last_name", to_base64(preferences.last_name)));
    steps.push_back(put_metadata("encoded_user_company_name", to_base64(preferences.company_name)));
    steps.push_back(put_metadata("feature_updates", truth(preferences.feature_updates)));
    steps.push_back(put_metadata("comm_prefs_set", truth(true)));
    co_await state_->store.run(steps);
}

Task<Credential> Auth::replace_keys(std::string user_name, std::optional<GivenKey> key) {
    const auto present = co_await state_->load_user();
    if (present && !user_name.empty() && present->name != user_name) {
        throw Error(Code::conflict, fmt::format("the administrator's name is '{}'", present->name));
    }
    if (present) {
        user_name = present->name;
    } else {
        User user;
        user.name = user_name.empty() ? std::string(default_administrator) : user_name;
        user.source = administrator_source;
        const User created = co_await create_user(std::move(user));
        user_name = created.name;
    }
    const auto former = co_await state_->load_credentials();
    auto credential = co_await state_->store_credential(std::move(user_name), std::move(key));
    for (const auto& old : former) {
        if (old.access_key_id == credential.access_key_id) continue;
        co_await state_->remove_credential(old.access_key_id);
    }
    const auto steps = setup_steps(state_->clock.now());
    co_await state_->store.run(steps);
    co_return credential;
}

}  // namespace tarn::auth
