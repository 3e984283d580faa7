#include "versions/testing/model.h"

#include <algorithm>

namespace tarn::versions {
namespace {

std::optional<std::string> find(const Contents& contents, const std::string& key) {
    const auto found = contents.find(key);
    if (found == contents.end()) return std::nullopt;
    return found->second;
}

std::set<std::string> keys_of(const Contents& one, const Contents& other) {
    std::set<std::string> keys;
    for (const auto& [key, content] : one) keys.insert(key);
    for (const auto& [key, content] : other) keys.insert(key);
    return keys;
}

// `key` or the prefix it is rolled up into.
std::string rolled_up(const std::string& key, const std::string& prefix,
                      const std::string& delimiter) {
    if (delimiter.empty()) return key;
    const std::size_t at = key.find(delimiter, prefix.size());
    return at == std::string::npos ? key : key.substr(0, at + delimiter.size());
}

// Whether a page that begins after `after` may still show `key`, which is rolled up into `shown`.
bool is_left(const std::string& key, const std::string& shown, const std::string& prefix,
             const std::string& after) {
    if (!key.starts_with(prefix)) return false;
    return after.empty() || (key > after && shown != after);
}

std::string change_of(const std::optional<std::string>& left,
                      const std::optional<std::string>& right) {
    return !left ? "+" : !right ? "-" : "~";
}

}  // namespace

const Contents& Model::committed(const std::string& branch) const {
    return commits.at(branches.at(branch).head).contents;
}

Contents Model::visible(const std::string& branch) const {
    Contents contents = committed(branch);
    for (const auto& [key, content] : branches.at(branch).staged) {
        contents.erase(key);
        if (content) contents.emplace(key, *content);
    }
    return contents;
}

bool Model::dirty(const std::string& branch) const {
    return visible(branch) != committed(branch);
}

std::set<std::string> Model::ancestors(const std::string& commit) const {
    std::set<std::string> found;
    std::vector<std::string> waiting{commit};
    while (!waiting.empty()) {
        const std::string id = waiting.back();
        waiting.pop_back();
        if (!found.insert(id).second) continue;
        const auto& parents = commits.at(id).parents;
        waiting.insert(waiting.end(), parents.begin(), parents.end());
    }
    return found;
}

std::optional<Contents> model_merge(const Contents& source, const Contents& destination,
                                    const Contents& base, committed::Strategy strategy) {
    Contents merged;
    for (const std::string& key : keys_of(source, destination)) {
        const auto theirs = find(source, key);
        const auto ours = find(destination, key);
        const auto before = find(base, key);
        std::optional<std::string> chosen = ours;
        if (theirs != ours && theirs != before) {
            if (ours == before || strategy == committed::Strategy::source_wins) {
                chosen = theirs;
            } else if (strategy == committed::Strategy::none) {
                return std::nullopt;
            }
        }
        if (chosen) merged.emplace(key, *chosen);
    }
    return merged;
}

std::vector<std::string> model_list(const Contents& contents, const ListQuery& query) {
    std::vector<std::string> lines;
    for (const auto& [key, content] : contents) {
        const std::string shown = rolled_up(key, query.prefix, query.delimiter);
        if (!is_left(key, shown, query.prefix, query.after)) continue;
        const std::string line =
            shown == key && (query.delimiter.empty() ||
                             key.find(query.delimiter, query.prefix.size()) == std::string::npos)
                ? key + "=" + content
                : shown;
        if (lines.empty() || lines.back() != line) lines.push_back(line);
    }
    return lines;
}

std::vector<std::string> model_diff(const Contents& left, const Contents& right,
                                    const DiffQuery& query) {
    std::vector<std::string> lines;
    for (const std::string& key : keys_of(left, right)) {
        const auto before = find(left, key);
        const auto after = find(right, key);
        if (before == after) continue;
        const std::string shown = rolled_up(key, query.prefix, query.delimiter);
        if (!is_left(key, shown, query.prefix, query.after)) continue;
        const bool whole = query.delimiter.empty() ||
                           key.find(query.delimiter, query.prefix.size()) == std::string::npos;
        const std::string line = whole ? change_of(before, after) + key : "~" + shown;
        if (lines.empty() || lines.back() != line) lines.push_back(line);
    }
    return lines;
}

std::vector<std::string> model_incoming(const Contents& base, const Contents& left,
                                        const Contents& right) {
    std::vector<std::string> lines;
    for (const std::string& key : keys_of(base, right)) {
        const auto before = find(base, key);
        const auto ours = find(left, key);
        const auto theirs = find(right, key);
        if (theirs == before || theirs == ours) continue;
        lines.push_back((ours == before ? "" : "!") + change_of(before, theirs) + key);
    }
    return lines;
}

std::string line_of(const ListItem& item) {
    return item.is_prefix ? item.key : item.key + "=" + item.data;
}

std::string line_of(const DiffItem& item) {
    using committed::DiffType;
    const char* sign = item.type == DiffType::added     ? "+"
                       : item.type == DiffType::removed ? "-"
                                                        : "~";
    return (item.conflict ? "!" : "") + std::string(sign) + item.key;
}

}  // namespace tarn::versions
