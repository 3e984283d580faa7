#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::server {

// What a configuration key's text must be.
enum class Kind {
    text,
    secret,    // text that is never printed
    boolean,   // true, false, 1, 0, t, f in either case
    number,    // whole, within `low` and `high`
    duration,  // 500ms, 5s, 15m, 24h and sums of them, within `low` and `high` milliseconds
    list,      // texts separated by commas, or a YAML list
};

// One configuration key.
struct Key {
    std::string_view name;  // "committed.local_cache.size_bytes"
    Kind kind = Kind::text;
    std::string_view standard;  // the default, in the same form as in a file
    std::string_view help;      // one line for the documentation and for error texts
    std::int64_t low = 0;
    std::int64_t high = 0;        // 0: no upper bound
    bool without_effect = false;  // accepted from lakeFS's configurations, and does nothing here
};

// Every key that is accepted, in order of its name.
std::span<const Key> all_keys();

// Reads one variable of the environment.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// The configuration: a text for each key and where it came from.
// Order   A flag wins over TARN_… , that over LAKEFS_… , that over the file, that over the default.
// Errors  invalid_argument, naming the source, the key, the value (never of a secret) and the rule:
// an unknown
//         key, a value of another kind or out of its range, a file that cannot be read or is not
//         YAML.
class Settings {
public:
    // Only defaults.
    Settings();

    // Takes the values of a YAML file; nested maps are joined with dots.
    void read_file(const std::string& path);
    // Takes TARN_<KEY> and LAKEFS_<KEY>, the key in upper case with dots as underscores. `names`
    // are the environment's names, so that an unknown TARN_ or LAKEFS_ one is refused.
    void read_environment(std::span<const std::string> names, const Environment& environment);
    // Takes one value, as a flag gives it.
    void set(std::string_view key, std::string_view value, std::string_view source);

    std::string text(std::string_view key) const;
    bool boolean(std::string_view key) const;
    std::int64_t number(std::string_view key) const;
    std::chrono::milliseconds duration(std::string_view key) const;
    std::vector<std::string> list(std::string_view key) const;
    // Whether anything but the default set it.
    bool is_set(std::string_view key) const;

    // A line a key, with its source; secrets as ***.
    std::string describe() const;

private:
    struct Value {
        std::string text;
        std::string source = "default";
    };
    const Value& value(std::string_view key) const;

    std::map<std::string, Value, std::less<>> values_;
};

// "1h30m" in milliseconds; nothing when it is no duration. Pure.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace tarn::server
