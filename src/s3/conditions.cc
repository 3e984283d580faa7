#include "s3/conditions.h"

#include "base/bytes.h"
#include "signature/dates.h"

namespace tarn::s3 {
namespace {

std::optional<Time> date(const http::Request& request, std::string_view name, Time now) {
    const auto field = request.find(name);
    if (!field) return std::nullopt;
    const auto time = signature::parse_http_date(*field);
    return time && *time <= now ? time : std::nullopt;
}

}  // namespace

Conditions read_conditions(const http::Request& request, Time now) {
    return {request.find("if-match"), request.find("if-none-match"),
            date(request, "if-modified-since", now), date(request, "if-unmodified-since", now)};
}

Conditions read_source_conditions(const http::Request& request, Time now) {
    return {request.find("x-amz-copy-source-if-match"),
            request.find("x-amz-copy-source-if-none-match"),
            date(request, "x-amz-copy-source-if-modified-since", now),
            date(request, "x-amz-copy-source-if-unmodified-since", now)};
}

bool names_etag(std::string_view field, std::string_view etag) {
    while (!field.empty()) {
        const auto end = field.find(',');
        auto tag = trim(field.substr(0, end));
        field = end == field.npos ? std::string_view() : field.substr(end + 1);
        if (tag == "*") return true;
        if (tag.starts_with("W/")) tag.remove_prefix(2);
        if (tag.size() >= 2 && tag.front() == '"' && tag.back() == '"') {
            tag = tag.substr(1, tag.size() - 2);
        }
        if (tag == etag) return true;
    }
    return false;
}

ReadJudgement judge_read(const Conditions& conditions, std::string_view etag, Time modified) {
    // Clients know whole seconds.
    const Time second = from_unix_seconds(unix_seconds(modified));
    if (conditions.if_match) {
        if (!names_etag(*conditions.if_match, etag)) return {ReadVerdict::failed, "If-Match"};
    } else if (conditions.if_unmodified_since && second > *conditions.if_unmodified_since) {
        return {ReadVerdict::failed, "If-Unmodified-Since"};
    }
    if (conditions.if_none_match) {
        if (names_etag(*conditions.if_none_match, etag)) {
            return {ReadVerdict::not_modified, "If-None-Match"};
        }
    } else if (conditions.if_modified_since && second <= *conditions.if_modified_since) {
        return {ReadVerdict::not_modified, "If-Modified-Since"};
    }
    return {};
}

WriteVerdict judge_write(const Conditions& conditions, std::optional<std::string_view> etag) {
    if (conditions.if_match) {
        if (!etag) return WriteVerdict::absent;
        if (!names_etag(*conditions.if_match, *etag)) return WriteVerdict::failed;
    }
    if (conditions.if_none_match && etag && names_etag(*conditions.if_none_match, *etag)) {
        return WriteVerdict::failed;
    }
    return WriteVerdict::proceed;
}

}  // namespace tarn::s3
