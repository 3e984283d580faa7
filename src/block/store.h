#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/stream.h"
#include "base/task.h"

namespace tarn::block {

// Where an object lies: a storage namespace ("local://lake", "s3://bucket/prefix") and a key under
// it; or, with an empty namespace, `key` is a whole URI. Keys are raw bytes, never normalised.
struct Address {
    std::string storage_namespace;
    std::string key;

    friend bool operator==(const Address&, const Address&) = default;
};

struct Stat {
    std::uint64_t size_bytes = 0;
    Time modified;
    std::string storage_class = {};  // empty where the store has none
};

// An object opened for reading: the stretch asked for, and what the whole object is.
struct Opened {
    Body body;  // exactly the bytes of the range
    Stat stat;  // of the whole object
};

// Bytes `first`..`last`, both inclusive and inside the object.
struct Range {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
};

struct Listed {
    std::string key;  // relative to the namespace
    std::uint64_t size_bytes = 0;
    Time modified;
    std::string etag;  // without quotes; empty where the store has none
};

struct ListPage {
    std::vector<Listed> objects;  // in byte order of their keys
    bool more = false;            // there are further ones after the last
};

// A part that has been stored.
struct Part {
    int number = 0;    // 1..10000
    std::string etag;  // hex MD5 of the part, without quotes
    std::uint64_t size_bytes = 0;
    Time modified;
};

struct PartPage {
    std::vector<Part> parts;  // by number
    bool more = false;
};

// What a completed multipart upload became.
struct Completed {
    std::string etag;  // "<hex MD5>-<number of parts>", without quotes
    Stat stat;
};

// How a driver wants requests to name its objects.
struct Properties {
    std::string type;               // "local", "s3", "mem"
    std::string namespace_example;  // "local://example-bucket/"
    std::string namespace_pattern;  // regular expression that namespaces must match
    bool presign = false;           // whether presigned URLs are offered
    bool presign_ui = false;        // and to the web pages too
    bool presign_multipart = false;
    std::chrono::seconds presign_lifetime{15 * 60};
    bool import = false;
};

// The object store: large immutable objects, put whole and read in ranges.
//
// Shape     Objects are found by address. A put is all or nothing: until it returns, no reader sees
// it
//           (under an unused name) or the previous object stays (where it replaces one).
// Threads   Any context; the caller resumes on its own.
// Limits    Bodies stream; no more than a few buffers of one upload are in memory.
// Errors    not_found (detail "no_such_object"): open, stat and copy of an absent object.
// invalid_argument:
//           an address outside the store. exhausted (detail "storage_full"): too little space;
//           nothing is kept. unavailable: the store does not answer. unimplemented: presign where
//           not offered.
// Source    docs/architecture.md; every driver passes testing/store_contract.h.
class Store {
public:
    virtual ~Store() = default;

    virtual const Properties& properties() const = 0;

    // Stores the body, durable before it returns. Does not keep half of a body that fails.
    // `fresh`: the key was never used before (a new data name), so it may be created in place.
    virtual Task<Stat> put(Address address, ByteSource& body, bool fresh) = 0;

    // Opens an object, whole or a stretch of it. Nothing when it does not exist.
    virtual Task<std::optional<Opened>> open(Address address, std::optional<Range> range) = 0;

    // Nothing when it does not exist.
    virtual Task<std::optional<Stat>> stat(Address address) = 0;

    // Removes the object; nothing happens when it is absent.
    virtual Task<void> remove(Address address) = 0;

    // Removes many objects of a namespace, of which some may be absent.
    virtual Task<void> remove_all(std::string storage_namespace, std::vector<std::string> keys);

    virtual Task<Stat> copy(Address from, Address to) = 0;

    // Up to `limit` objects whose keys begin with `prefix`, in byte order, after `after`.
    virtual Task<ListPage> list(std::string storage_namespace, std::string prefix,
                                std::string after, int limit) = 0;

    // A multipart upload to `address`. Part numbers 1..10000; a part of the same number replaces
    // the earlier one. Errors  not_found (detail "no_such_upload").
    virtual Task<std::string> begin_upload(Address address) = 0;
    virtual Task<Part> put_part(Address address, std::string upload, int number,
                                ByteSource& body) = 0;
    virtual Task<Part> copy_part(Address address, std::string upload, int number, Address from,
                                 std::optional<Range> range) = 0;
    virtual Task<PartPage> list_parts(Address address, std::string upload, int after,
                                      int limit) = 0;
    // Joins exactly the parts named, in ascending order of number. May be repeated by whoever did
    // not hear the answer, while the object is there.
    // Errors  invalid_argument: detail "invalid_part" (unknown number or another etag) or
    //         "invalid_part_order".
    virtual Task<Completed> complete_upload(Address address, std::string upload,
                                            std::vector<Part> parts) = 0;
    virtual Task<void> abort_upload(Address address, std::string upload) = 0;

    // A URL with which anyone may get (or put) the object until `lifetime` is over.
    virtual Task<std::string> presign(Address address, bool write,
                                      std::chrono::seconds lifetime) = 0;

    // A URL with which anyone may put a part of the upload. Errors  unimplemented, where `presign`
    // is.
    virtual Task<std::string> presign_part(Address address, std::string upload, int number,
                                           std::chrono::seconds lifetime);

    // The address as clients are shown it ("local:///srv/lake/ns/data/x", "s3://bucket/ns/data/x").
    virtual std::string show(const Address& address) const = 0;
};

}  // namespace tarn::block
