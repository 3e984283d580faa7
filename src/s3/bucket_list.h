#pragma once

#include <string>
#include <vector>

#include "s3/call.h"

namespace tarn::s3 {

// A question to a bucket as S3 sees it: the keys "<ref>/<path>" of all branches as one sequence,
// and those of one ref of any kind where the prefix names it.
struct BucketQuery {
    std::string prefix;
    std::string delimiter;  // empty: none
    std::string after;      // exclusive
    int limit = 1000;       // 0..1000
};

struct BucketItem {
    std::string key;  // or a common prefix
    bool is_prefix = false;
    catalog::Entry entry;
};

struct BucketPage {
    std::vector<BucketItem> items;  // in byte order
    bool more = false;
};

// A ref that does not exist holds nothing. A branch without objects is seen as its own prefix.
Task<BucketPage> list_bucket(const Call& call, BucketQuery query);

}  // namespace tarn::s3
