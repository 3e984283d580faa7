#include <utility>

#include "api/answers.h"
#include "api/checks.h"
#include "api/house.h"
#include "api/wire/internal.h"
#include "api/wire/repositories.h"

namespace tarn::api {
namespace {

constexpr int tries_max = 10;

std::vector<refs::BlockedAction> everything() {
    return {refs::BlockedAction::staging_write, refs::BlockedAction::commit};
}

Task<http::Response> show_rules(Call& call, std::string repository_name) {
    auto repository = co_await repository_of(call, std::move(repository_name));
    const refs::ProtectionRules rules = co_await call.house.protection.get(std::move(repository));
    std::string text = "[";
    for (const auto& [pattern, blocked] : rules.patterns) {
        if (text.size() > 1) text += ',';
        text += "{\"pattern\":";
        wire::append(text, std::string_view(pattern));
        text += '}';
    }
    text += ']';
    http::Response response = json_answer(200, std::move(text));
    response.fields.add("ETag", rules.checksum);
    co_return response;
}

// Reads the rules, changes them and writes them back while nobody else does. `change` returns false
// to leave them as they are.
Task<bool> update_rules(Call& call, refs::Repository repository,
                        std::function<bool(refs::ProtectionRules&)> change) {
    for (int attempt = 0; attempt < tries_max; ++attempt) {
        refs::ProtectionRules rules = co_await call.house.protection.get(repository);
        const std::string seen = rules.checksum;
        if (!change(rules)) co_return false;
        const bool written = co_await call.house.protection.set(repository, std::move(rules), seen);
        if (written) co_return true;
    }
    throw Error(Code::exhausted, "the protection rules kept changing", "too_many_tries");
}

}  // namespace

Task<http::Response> get_branch_protection_rules(Call& call,
                                                 wire::GetBranchProtectionRulesParams params) {
    co_return co_await show_rules(call, std::move(params.repository));
}

Task<http::Response> internal_get_branch_protection_rules(
    Call& call, wire::InternalGetBranchProtectionRulesParams params) {
    co_return co_await show_rules(call, std::move(params.repository));
}

Task<http::Response> set_branch_protection_rules(Call& call,
                                                 wire::SetBranchProtectionRulesParams params,
                                                 std::vector<wire::BranchProtectionRule> body) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    require_writable(repository, false);
    refs::ProtectionRules rules;
    for (const auto& rule : body) rules.patterns[rule.pattern] = everything();
    const bool written = co_await call.house.protection.set(repository, std::move(rules),
                                                            std::move(params.if_match));
    if (!written) throw exactly(412, "Precondition failed");
    co_return empty_answer();
}

Task<http::Response> internal_create_branch_protection_rule(
    Call& call, wire::InternalCreateBranchProtectionRuleParams params,
    wire::BranchProtectionRule body) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    require_writable(repository, false);
    std::function<bool(refs::ProtectionRules&)> add = [&body](refs::ProtectionRules& rules) {
        rules.patterns[body.pattern] = everything();
        return true;
    };
    co_await update_rules(call, repository, std::move(add));
    co_return empty_answer();
}

Task<http::Response> internal_delete_branch_protection_rule(
    Call& call, wire::InternalDeleteBranchProtectionRuleParams params,
    wire::InternalDeleteBranchProtectionRuleBody body) {
    const auto repository = co_await repository_of(call, std::move(params.repository));
    require_writable(repository, false);
    std::function<bool(refs::ProtectionRules&)> remove = [&body](refs::ProtectionRules& rules) {
        return rules.patterns.erase(body.pattern) > 0;
    };
    const bool removed = co_await update_rules(call, repository, std::move(remove));
    co_return empty_answer(removed ? 204 : 404);
}

Task<http::Response> create_branch_protection_rule_preflight(
    Call&, wire::CreateBranchProtectionRulePreflightParams) {
    co_return empty_answer();
}

}  // namespace tarn::api
