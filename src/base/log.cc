#include "base/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

namespace tarn::log {
namespace {

// Makes the library's registry before there are threads, which would make it under a lock that the
// thread sanitizer does not see.
[[maybe_unused]] const spdlog::logger* const made_early = spdlog::default_logger_raw();

spdlog::level::level_enum level_of(Level level) {
    switch (level) {
        case Level::trace:
            return spdlog::level::trace;
        case Level::debug:
            return spdlog::level::debug;
        case Level::info:
            return spdlog::level::info;
        case Level::warning:
            return spdlog::level::warn;
        case Level::error:
            return spdlog::level::err;
    }
    return spdlog::level::info;
}

// The message with what could break a line, or a JSON string, escaped: names from clients reach
// the log.
class EscapedMessage final : public spdlog::custom_flag_formatter {
public:
    explicit EscapedMessage(bool quotes) : quotes_(quotes) {}

    void format(const spdlog::details::log_msg& message, const std::tm&,
                spdlog::memory_buf_t& into) override {
        for (const char c : message.payload) {
            const auto byte = static_cast<unsigned char>(c);
            if (byte < 0x20 || byte == 0x7f) {
                fmt::format_to(std::back_inserter(into), "\\u{:04x}", byte);
            } else {
                if (quotes_ && (c == '"' || c == '\\')) into.push_back('\\');
                into.push_back(c);
            }
        }
    }

    std::unique_ptr<spdlog::custom_flag_formatter> clone() const override {
        return std::make_unique<EscapedMessage>(quotes_);
    }

private:
    bool quotes_;
};

spdlog::sink_ptr sink_of(const std::string& output) {
    if (output == "-") return std::make_shared<spdlog::sinks::stderr_sink_mt>();
    if (output == "=") return std::make_shared<spdlog::sinks::stdout_sink_mt>();
    return std::make_shared<spdlog::sinks::basic_file_sink_mt>(output);
}

}  // namespace

void configure(const Options& options) {
    auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
    formatter->add_flag<EscapedMessage>('*', options.json);
    formatter->set_pattern(options.json
                               ? R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l","msg":"%*"})"
                               : "%Y-%m-%dT%H:%M:%S.%fZ %l %*");
    auto logger = std::make_shared<spdlog::logger>("tarn", sink_of(options.output));
    logger->set_formatter(std::move(formatter));
    logger->set_level(level_of(options.level));
    logger->flush_on(spdlog::level::info);
    spdlog::set_default_logger(std::move(logger));
}

bool enabled(Level level) {
    return spdlog::default_logger_raw()->should_log(level_of(level));
}

void write(Level level, std::string_view message) {
    spdlog::default_logger_raw()->log(level_of(level), message);
}

}  // namespace tarn::log
