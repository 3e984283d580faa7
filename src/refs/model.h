#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"

namespace tarn::refs {

using Metadata = std::map<std::string, std::string>;

// A repository. `<id>-<instance_uid>` is the partition of all that belongs to it.
struct Repository {
    std::string id;
    std::string storage_namespace;
    std::string default_branch;
    Time created;
    bool in_deletion = false;
    std::string instance_uid;  // xid
    bool read_only = false;
    std::string storage_id;

    std::string partition() const { return id + "-" + instance_uid; }
};

struct Branch {
    std::string id;
    std::string commit_id;
    std::string staging_token;
    std::vector<std::string> sealed_tokens;  // newest first
    bool hidden = false;
};

struct Tag {
    std::string id;
    std::string commit_id;
};

struct Commit {
    std::string id;  // of its content: 64 hexadecimal digits
    std::string committer;
    std::string message;
    Time created;
    std::string tree_id;  // metarange; empty: no records
    Metadata metadata;
    std::vector<std::string> parents;  // [0] is the main line
    std::int32_t version = 1;
    std::int32_t generation = 1;

    friend bool operator==(const Commit&, const Commit&) = default;
};

// The id that a commit's content gives (formats 2.1).
std::string commit_id_of(const Commit& commit);

}  // namespace tarn::refs
