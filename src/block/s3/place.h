#pragma once

#include <string>
#include <string_view>

#include "block/s3/options.h"
#include "block/store.h"

namespace tarn::block {

// Where an object lies in an S3 store. An empty key stands for the bucket itself.
struct S3Place {
    std::string bucket;
    std::string key;  // raw bytes

    friend bool operator==(const S3Place&, const S3Place&) = default;
};

// Errors  invalid_argument (detail "invalid_address"): no s3:// address, or no key.
S3Place place_of(const Address& address);

// The bucket of a namespace, and what stands before the keys in it ("prefix/" or nothing).
S3Place folder_of(std::string_view storage_namespace);

// How a request names a place: the server, its Host field, and the encoded path.
struct S3Target {
    std::string url;   // "https://host:port"
    std::string host;  // as the Host field says it
    std::string path;  // "/bucket/key" or "/key"
};

// The target of a place at `endpoint`, or at Amazon's of the region where that is empty. A bucket
// becomes part of the host name unless `force_path_style`, or unless no certificate or name would
// fit it.
S3Target target_of(const S3Place& place, std::string_view endpoint, std::string_view region,
                   bool force_path_style);

// "service.region.amazonaws.com" with the suffix of the region's partition.
std::string amazon_host(std::string_view service, std::string_view region);

}  // namespace tarn::block
