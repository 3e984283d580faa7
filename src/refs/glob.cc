#include <fmt/format.h>
#include <algorithm>

#include "base/error.h"
#include "refs/protection.h"

namespace tarn::refs {
namespace {

constexpr int nesting_max = 16;

// Matches by sets: each construct maps the positions of the name at which it may begin to those at
// which it may end, so that no pattern takes more than its length times the name's squared.
using Positions = std::vector<bool>;

class Glob {
public:
    Glob(std::string_view pattern, std::string_view name) : pattern_(pattern), name_(name) {}

    bool matches() {
        Positions starts(name_.size() + 1);
        starts[0] = true;
        const Positions ends = sequence(std::move(starts), 0);
        if (at_ != pattern_.size()) refuse();
        return ends[name_.size()];
    }

private:
    [[noreturn]] void refuse() const {
        throw Error(Code::invalid_argument, fmt::format("'{}' is not a valid pattern", pattern_),
                    "bad_pattern");
    }

    // Up to the end of the pattern, or inside braces to the ',' or '}' that ends an alternative.
    Positions sequence(Positions starts, int depth) {
        while (at_ < pattern_.size()) {
            const char c = pattern_[at_];
            if (depth > 0 && (c == ',' || c == '}')) break;
            ++at_;
            if (c == '*') {
                starts = any(std::move(starts));
            } else if (c == '?') {
                starts = one(starts, [](char) { return true; });
            } else if (c == '[') {
                const std::vector<bool> members = parse_class();
                starts = one(starts,
                             [&members](char x) { return members[static_cast<unsigned char>(x)]; });
            } else if (c == '{') {
                starts = alternatives(starts, depth + 1);
            } else {
                const char literal = c == '\\' ? escaped() : c;
                starts = one(starts, [literal](char x) { return x == literal; });
            }
        }
        return starts;
    }

    char escaped() {
        if (at_ == pattern_.size()) refuse();
        return pattern_[at_++];
    }

    static Positions any(Positions starts) {
        const auto first = std::ranges::find(starts, true);
        std::fill(first, starts.end(), true);
        return starts;
    }

    template <class Accept>
    Positions one(const Positions& starts, Accept accept) const {
        Positions ends(starts.size());
        for (std::size_t i = 0; i < name_.size(); ++i) {
            if (starts[i] && accept(name_[i])) ends[i + 1] = true;
        }
        return ends;
    }

    Positions alternatives(const Positions& starts, int depth) {
        if (depth > nesting_max) refuse();
        Positions ends(starts.size());
        while (true) {
            const Positions branch = sequence(starts, depth);
            for (std::size_t i = 0; i < ends.size(); ++i) {
                if (branch[i]) ends[i] = true;
            }
            if (at_ == pattern_.size()) refuse();
            if (pattern_[at_++] == '}') return ends;
        }
    }

    // The characters between '[' and ']', which has been passed; '!' in front means all others.
    std::vector<bool> parse_class() {
        std::vector<bool> members(256);
        const bool negated = at_ < pattern_.size() && pattern_[at_] == '!';
        if (negated) ++at_;
        bool empty = true;
        while (true) {
            if (at_ == pattern_.size()) refuse();
            char low = pattern_[at_++];
            if (low == ']') break;
            if (low == '\\') low = escaped();
            char high = low;
            const bool range =
                at_ + 1 < pattern_.size() && pattern_[at_] == '-' && pattern_[at_ + 1] != ']';
            if (range) {
                ++at_;
                high = pattern_[at_++];
                if (high == '\\') high = escaped();
            }
            const int from = static_cast<unsigned char>(low);
            const int to = static_cast<unsigned char>(high);
            if (from > to) refuse();
            for (int c = from; c <= to; ++c) members[static_cast<std::size_t>(c)] = true;
            empty = false;
        }
        if (empty) refuse();
        if (negated) members.flip();
        return members;
    }

    std::string_view pattern_;
    std::string_view name_;
    std::size_t at_ = 0;
};

}  // namespace

bool matches_glob(std::string_view pattern, std::string_view name) {
    return Glob(pattern, name).matches();
}

}  // namespace tarn::refs
