#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"
#include "http/request.h"

namespace tarn::s3 {

// If-Match and its kin, as a request states them.
struct Conditions {
    std::optional<std::string_view> if_match = {};
    std::optional<std::string_view> if_none_match = {};
    std::optional<Time> if_modified_since = {};  // unreadable and future dates do not count
    std::optional<Time> if_unmodified_since = {};

    bool any() const {
        return if_match || if_none_match || if_modified_since || if_unmodified_since;
    }
};

Conditions read_conditions(const http::Request& request, Time now);
// Those of a copy's source (x-amz-copy-source-if-match ...).
Conditions read_source_conditions(const http::Request& request, Time now);

// Whether an etag (without quotes) is named by a field: "*", or a list of tags, quoted or not, weak
// ones too.
bool names_etag(std::string_view field, std::string_view etag);

enum class ReadVerdict { proceed, not_modified, failed };

// `condition`: the field that failed.
struct ReadJudgement {
    ReadVerdict verdict = ReadVerdict::proceed;
    std::string_view condition;
};

// Source  docs/s3.md, conditions: If-Match wins over If-Unmodified-Since, If-None-Match over
//         If-Modified-Since.
ReadJudgement judge_read(const Conditions& conditions, std::string_view etag, Time modified);

enum class WriteVerdict {
    proceed,
    failed,
    absent  // If-Match on what does not exist
};

// `etag`: of the current object, nothing when there is none.
WriteVerdict judge_write(const Conditions& conditions, std::optional<std::string_view> etag);

}  // namespace tarn::s3
