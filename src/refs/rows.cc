#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/timestamp.h"
#include "refs/internal/rows.h"
#include "refs/records.pb.h"

namespace tarn::refs {
namespace {

template <class Message>
std::string serialize(const Message& message) {
    std::string bytes;
    bytes.reserve(message.ByteSizeLong());
    {
        google::protobuf::io::StringOutputStream sink(&bytes);
        google::protobuf::io::CodedOutputStream out(&sink);
        out.SetSerializationDeterministic(true);
        message.SerializeToCodedStream(&out);
    }
    return bytes;
}

template <class Message>
Message parse(std::string_view bytes, std::string_view what) {
    Message message;
    if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        throw Error(Code::corrupted, fmt::format("the record of a {} cannot be read", what));
    }
    return message;
}

kv::Key key_in(const Repository& repository, std::string_view prefix, std::string_view name) {
    std::string key(prefix);
    key += name;
    return {repository.partition(), std::move(key)};
}

}  // namespace

kv::Key repository_key(std::string_view id) {
    return {std::string(repositories_partition), fmt::format("{}{}", repositories_prefix, id)};
}
kv::Key metadata_key(const Repository& repository) {
    return {repository.partition(), "repo-metadata"};
}
kv::Key branch_key(const Repository& repository, std::string_view name) {
    return key_in(repository, branches_prefix, name);
}
kv::Key tag_key(const Repository& repository, std::string_view name) {
    return key_in(repository, tags_prefix, name);
}
kv::Key commit_key(const Repository& repository, std::string_view id) {
    return key_in(repository, commits_prefix, id);
}
kv::Key protection_key(const Repository& repository) {
    return {repository.partition(), "settings/protected_branches"};
}

std::string encode(const Repository& repository) {
    records::Repository record;
    record.set_id(repository.id);
    record.set_storage_namespace(repository.storage_namespace);
    record.set_default_branch_id(repository.default_branch);
    write_timestamp(*record.mutable_creation_date(), repository.created);
    record.set_state(repository.in_deletion ? 1 : 0);
    record.set_instance_uid(repository.instance_uid);
    record.set_read_only(repository.read_only);
    record.set_storage_id(repository.storage_id);
    return serialize(record);
}

std::string encode(const Branch& branch) {
    records::Branch record;
    record.set_id(branch.id);
    record.set_commit_id(branch.commit_id);
    record.set_staging_token(branch.staging_token);
    for (const std::string& token : branch.sealed_tokens) record.add_sealed_tokens(token);
    record.set_hidden(branch.hidden);
    return serialize(record);
}

std::string encode(const Tag& tag) {
    records::Tag record;
    record.set_id(tag.id);
    record.set_commit_id(tag.commit_id);
    return serialize(record);
}

std::string encode(const Commit& commit) {
    records::Commit record;
    record.set_id(commit.id);
    record.set_committer(commit.committer);
    record.set_message(commit.message);
    write_timestamp(*record.mutable_creation_date(), commit.created);
    record.set_meta_range_id(commit.tree_id);
    for (const auto& [key, value] : commit.metadata) (*record.mutable_metadata())[key] = value;
    for (const std::string& parent : commit.parents) record.add_parents(parent);
    record.set_version(commit.version);
    record.set_generation(commit.generation);
    return serialize(record);
}

std::string encode_metadata(const Metadata& metadata) {
    records::RepositoryMetadata record;
    for (const auto& [key, value] : metadata) (*record.mutable_metadata())[key] = value;
    return serialize(record);
}

std::string encode_rules(const ProtectionRules& rules) {
    records::ProtectionRules record;
    for (const auto& [pattern, actions] : rules.patterns) {
        auto& blocked = (*record.mutable_branch_pattern_to_blocked_actions())[pattern];
        for (const BlockedAction action : actions) blocked.add_value(static_cast<int>(action));
    }
    return serialize(record);
}

Repository decode_repository(std::string_view bytes) {
    auto record = parse<records::Repository>(bytes, "repository");
    return {.id = std::move(*record.mutable_id()),
            .storage_namespace = std::move(*record.mutable_storage_namespace()),
            .default_branch = std::move(*record.mutable_default_branch_id()),
            .created = read_timestamp(record.creation_date()),
            .in_deletion = record.state() == 1,
            .instance_uid = std::move(*record.mutable_instance_uid()),
            .read_only = record.read_only(),
            .storage_id = std::move(*record.mutable_storage_id())};
}

Branch decode_branch(std::string_view bytes) {
    auto record = parse<records::Branch>(bytes, "branch");
    Branch branch{.id = std::move(*record.mutable_id()),
                  .commit_id = std::move(*record.mutable_commit_id()),
                  .staging_token = std::move(*record.mutable_staging_token()),
                  .sealed_tokens = {},
                  .hidden = record.hidden()};
    for (std::string& token : *record.mutable_sealed_tokens()) {
        branch.sealed_tokens.push_back(std::move(token));
    }
    return branch;
}

Tag decode_tag(std::string_view bytes) {
    auto record = parse<records::Tag>(bytes, "tag");
    return {.id = std::move(*record.mutable_id()),
            .commit_id = std::move(*record.mutable_commit_id())};
}

Commit decode_commit(std::string_view bytes) {
    auto record = parse<records::Commit>(bytes, "commit");
    Commit commit{.id = std::move(*record.mutable_id()),
                  .committer = std::move(*record.mutable_committer()),
                  .message = std::move(*record.mutable_message()),
                  .created = read_timestamp(record.creation_date()),
                  .tree_id = std::move(*record.mutable_meta_range_id()),
                  .metadata = {},
                  .parents = {},
                  .version = record.version(),
                  .generation = record.generation()};
    for (auto& [key, value] : record.metadata()) commit.metadata.emplace(key, value);
    for (std::string& parent : *record.mutable_parents()) {
        commit.parents.push_back(std::move(parent));
    }
    return commit;
}

Metadata decode_metadata(std::string_view bytes) {
    const auto record = parse<records::RepositoryMetadata>(bytes, "repository's metadata");
    return {record.metadata().begin(), record.metadata().end()};
}

ProtectionRules decode_rules(std::string_view bytes) {
    const auto record = parse<records::ProtectionRules>(bytes, "repository's protection rules");
    ProtectionRules rules;
    for (const auto& [pattern, blocked] : record.branch_pattern_to_blocked_actions()) {
        auto& actions = rules.patterns[pattern];
        for (const int value : blocked.value()) {
            actions.push_back(value == 1 ? BlockedAction::commit : BlockedAction::staging_write);
        }
    }
    if (!bytes.empty()) rules.checksum = to_hex(as_view(sha256(bytes)));
    return rules;
}

}  // namespace tarn::refs
