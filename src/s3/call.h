#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/auth.h"
#include "base/clock.h"
#include "base/workers.h"
#include "catalog/catalog.h"
#include "http/request.h"
#include "http/response.h"
#include "s3/conditions.h"
#include "s3/errors.h"
#include "s3/gateway.h"
#include "s3/params.h"
#include "s3/target.h"
#include "signature/body.h"
#include "signature/v4.h"

namespace tarn::s3 {

// What every operation works with; the gateway owns none of it.
struct Parts {
    auth::Auth& auth;
    catalog::Catalog& catalog;
    Workers& workers;
    const Clock& clock;
    const Options& options;

    refs::Refs& refs() const { return catalog.stores().refs; }
    block::Store& blocks() const { return catalog.blocks(); }
};

// One request on its way: first what it says, then who signed it, then what it is about.
struct Call {
    http::Request& request;
    const Parts& parts;
    std::string request_id;  // Amazon's form: 16 hexadecimal digits
    Target target = {};
    Params params = {};
    signature::Claim claim = {};
    std::optional<signature::Seed> seed = {};
    std::shared_ptr<const auth::Credential> credential = {};
    refs::Repository repository = {};
    Access access = Access::read;  // decides what "not found" means

    bool is_head() const { return request.method() == "HEAD"; }
    const ObjectKey& key() const { return *target.key; }
    signature::Message message() const;
};

// Answers.
http::Response respond(const Call& call, int status);
http::Response respond_xml(const Call& call, std::string document);
http::Response refuse(const Call& call, const Failure& failure);

// The body of the request, checked against all that its header says of it.
// Errors  as signature::body_rules.
signature::BodyRules body_rules(const Call& call);
// Reads a short body whole, checked. Errors  also invalid_argument (detail "too_large").
Task<std::string> read_body(Call& call, std::size_t limit);

// Whether the branch that `ref` names can be written; if not, why. Nothing is thrown for what is
// missing, protected or no branch.
Task<std::optional<Failure>> find_write_obstacle(const Call& call, std::string ref);

// The condition of the request that the object under its key breaks now, before a body is read.
Task<std::optional<Failure>> judge_current(const Call& call, const Conditions& conditions);
// Stages an entry under the request's key if its conditions still hold; what the entry refers to is
// removed from the object store when they do not.
Task<std::optional<Failure>> put_entry(const Call& call, catalog::Entry entry,
                                       const Conditions& conditions);
// Removes the object under the request's key if its conditions still hold; the one that does not.
Task<std::optional<Failure>> remove_entry(const Call& call, const Conditions& conditions);

// A path that no object can have; nothing when it is fine.
std::optional<Failure> refuse_path(std::string_view path);

inline constexpr std::size_t path_bytes_max = 1024;

}  // namespace tarn::s3
