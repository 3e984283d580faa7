#include "base/bytes.h"
#include "s3/operations.h"
#include "s3/xml.h"

namespace tarn::s3 {
namespace {

constexpr int buckets_max = 10'000;

}  // namespace

Task<http::Response> list_buckets(Call& call) {
    int limit = buckets_max;
    if (const auto field = call.params.find("max-buckets")) {
        const auto number = parse_decimal(*field);
        if (!number || *number < 1 || *number > buckets_max) {
            co_return refuse(call, {Fault::invalid_argument,
                                    "max-buckets must be an integer between 1 and 10000"});
        }
        limit = static_cast<int>(*number);
    }
    const std::string prefix(call.params.find("prefix").value_or(""));
    std::string after(call.params.find("continuation-token").value_or(""));
    XmlWriter xml("ListAllMyBucketsResult", false);
    const auto& owner = call.credential->user;
    xml.open("Owner").element("ID", owner).element("DisplayName", owner).close("Owner");
    xml.open("Buckets");
    bool more = true;
    while (more && limit > 0) {
        const int page_limit = std::min(limit, 1'000);
        const auto page =
            co_await call.parts.refs().list_repositories(prefix, after, page_limit, std::string());
        for (const auto& repository : page.items) {
            xml.open("Bucket").element("Name", repository.id);
            xml.time("CreationDate", repository.created).close("Bucket");
            after = repository.id;
        }
        limit -= static_cast<int>(page.items.size());
        more = page.more;
    }
    xml.close("Buckets");
    if (more) xml.element("ContinuationToken", after);
    co_return respond_xml(call, xml.finish());
}

}  // namespace tarn::s3
