#include <fmt/format.h>

#include <utility>

#include "api/answers.h"
#include "api/checks.h"
#include "api/house.h"
#include "api/wire/config.h"
#include "api/wire/internal.h"

namespace tarn::api {
namespace {

wire::VersionConfig version_of(const House& house) {
    wire::VersionConfig out;
    out.version = house.options.version;
    out.version_context = "lakeFS";
    return out;
}

wire::StorageConfig storage_of(House& house) {
    const block::Properties& store = house.blocks().properties();
    wire::StorageConfig out;
    out.blockstore_type = store.type;
    out.blockstore_namespace_example = store.namespace_example;
    out.blockstore_namespace_validity_regex = store.namespace_pattern;
    const std::string& prefix = house.options.default_namespace_prefix;
    out.default_namespace_prefix = prefix.empty() ? store.type + "://" : prefix;
    out.pre_sign_support = store.presign;
    out.pre_sign_support_ui = store.presign_ui;
    out.import_support = store.import;
    out.import_validity_regex = store.namespace_pattern;
    out.pre_sign_multipart_upload = store.presign_multipart;
    out.blockstore_id = "";
    out.blockstore_description = "";
    return out;
}

}  // namespace

Task<http::Response> get_config(Call& call, wire::GetConfigParams) {
    wire::Config answer;
    answer.version_config = version_of(call.house);
    answer.storage_config = storage_of(call.house);
    answer.storage_config_list.emplace();
    answer.ui_config.emplace();
    answer.capabilities_config.emplace();
    co_return json_answer(200, answer);
}

Task<http::Response> get_lake_fs_version(Call& call, wire::GetLakeFSVersionParams) {
    co_return json_answer(200, version_of(call.house));
}

Task<http::Response> get_storage_config(Call& call, wire::GetStorageConfigParams) {
    co_return json_answer(200, storage_of(call.house));
}

Task<http::Response> get_garbage_collection_config(Call&, wire::GetGarbageCollectionConfigParams) {
    wire::GarbageCollectionConfig answer;
    answer.grace_period = 24 * 60 * 60;
    co_return json_answer(200, answer);
}

Task<http::Response> post_stats_events(Call&, wire::PostStatsEventsParams,
                                       wire::StatsEventsList body) {
    for (const auto& event : body.events) {
        if (event.class_.empty()) throw invalid("invalid value: class is required");
        if (event.name.empty()) throw invalid("invalid value: name is required");
        if (event.count < 0) throw invalid("invalid value: count must be a non-negative integer");
    }
    co_return empty_answer();
}

Task<http::Response> get_usage_report_summary(Call& call, wire::GetUsageReportSummaryParams) {
    const std::string id = co_await call.house.auth.installation_id();
    if (id.empty()) throw not_found("installation not found");
    const auto months = co_await call.house.usage.months();
    if (call.request.find("Accept") == "text/plain") {
        std::string text = fmt::format("Usage for installation ID: {}\n", id);
        for (const MonthlyUsage& month : months) {
            text += fmt::format("{:04}-{:02}: {:12}\n", month.year, month.month, month.operations);
        }
        co_return http::make_response(200, "text/plain; charset=utf-8", std::move(text));
    }
    wire::InstallationUsageReport answer;
    answer.installation_id = id;
    for (const MonthlyUsage& month : months) {
        answer.reports.push_back({month.year, month.month, month.operations});
    }
    co_return json_answer(200, answer);
}

}  // namespace tarn::api
