#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace tarn::log {

enum class Level { trace, debug, info, warning, error };

struct Options {
    Level level = Level::info;
    bool json = false;         // one JSON object a line instead of text
    std::string output = "-";  // "-": standard error; "=": standard output; else a file's path
};

// Called once in main before anything else logs.
void configure(const Options& options);
bool enabled(Level level);
void write(Level level, std::string_view message);

template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
    if (enabled(Level::info)) write(Level::info, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
    if (enabled(Level::debug))
        write(Level::debug, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
    if (enabled(Level::warning))
        write(Level::warning, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
    if (enabled(Level::error))
        write(Level::error, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace tarn::log
