#include "base/error.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace tarn {

std::string_view name(Code code) {
    switch (code) {
        case Code::not_found:
            return "not_found";
        case Code::already_exists:
            return "already_exists";
        case Code::conflict:
            return "conflict";
        case Code::precondition_failed:
            return "precondition_failed";
        case Code::invalid_argument:
            return "invalid_argument";
        case Code::unauthenticated:
            return "unauthenticated";
        case Code::permission_denied:
            return "permission_denied";
        case Code::gone:
            return "gone";
        case Code::unavailable:
            return "unavailable";
        case Code::exhausted:
            return "exhausted";
        case Code::unimplemented:
            return "unimplemented";
        case Code::corrupted:
            return "corrupted";
        case Code::internal:
            return "internal";
    }
    return "unknown";
}

Error::Error(Code code, std::string message, std::string_view detail)
    : code_(code), message_(std::move(message)), detail_(detail) {}

void check_failed(const char* condition, const char* why, const char* file, int line) {
    std::fprintf(stderr, "%s:%d: CHECK(%s) failed: %s\n", file, line, condition, why);
    std::abort();
}

}  // namespace tarn
