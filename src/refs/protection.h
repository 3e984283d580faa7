#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "kv/store.h"
#include "refs/model.h"

namespace tarn::refs {

enum class BlockedAction { staging_write, commit };

// The protected branches of one repository: glob patterns and what they block.
struct ProtectionRules {
    std::map<std::string, std::vector<BlockedAction>> patterns;
    std::string checksum;  // of the stored bytes; empty when nothing is stored
};

// Whether `pattern` (* ? [a-z] [!a] {a,b}) matches the whole of `name`. Errors  invalid_argument.
bool matches_glob(std::string_view pattern, std::string_view name);

// Protection rules, read through a cache of 3 to 6 s; what this server writes it sees at once.
// Threads  Any.
class Protection {
public:
    Protection(kv::Store& store, const Clock& clock);
    ~Protection();
    Task<ProtectionRules> get(Repository repository);  // fresh
    Task<bool> is_blocked(Repository repository, std::string branch, BlockedAction action);
    // `if_match`: nothing: unconditional; "": only while absent; else only while this is the
    // checksum. False when it is not.
    Task<bool> set(Repository repository, ProtectionRules rules,
                   std::optional<std::string> if_match);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tarn::refs
