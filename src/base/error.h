#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace tarn {

// What a caller can do about a failure; each protocol maps these in one file.
enum class Code {
    not_found,            // nothing under that name
    already_exists,       // the name is taken
    conflict,             // concurrent or diverged changes; look again and decide
    precondition_failed,  // a condition of the caller does not hold
    invalid_argument,     // the request can never succeed as it is
    unauthenticated,      // who are you?
    permission_denied,    // you may not
    gone,                 // was there, is no more
    unavailable,          // a store did not answer; whether a write happened is unknown
    exhausted,            // a limit is reached; try again later
    unimplemented,        // not offered
    corrupted,            // stored bytes are not what they must be
    internal,             // our own fault
};

// "not_found" and so on, for logs.
std::string_view name(Code code);

// The only exception type of Tarn.
// Shape  `message`: lower case, no full stop, names the thing and the rule, never a secret.
// `detail`: a
//        short machine-readable tag that tells apart failures of one code (such as "dirty_branch"
//        or "no_changes"), or empty. Protocols map by code and detail, never by message.
class Error : public std::exception {
public:
    Error(Code code, std::string message, std::string_view detail = {});

    Code code() const { return code_; }
    const std::string& message() const { return message_; }
    const std::string& detail() const { return detail_; }
    const char* what() const noexcept override { return message_.c_str(); }

private:
    Code code_;
    std::string message_;
    std::string detail_;
};

// Aborts the process: an invariant of ours is broken. Never for bytes from outside.
[[noreturn]] void check_failed(const char* condition, const char* why, const char* file, int line);

}  // namespace tarn

#define CHECK(condition, why) \
    ((condition) ? (void)0 : ::tarn::check_failed(#condition, why, __FILE__, __LINE__))
