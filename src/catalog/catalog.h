#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "block/store.h"
#include "catalog/entry.h"
#include "versions/read.h"
#include "versions/stage.h"
#include "versions/stores.h"

namespace tarn::catalog {

struct CatalogOptions {
    std::string signing_secret = "OVERRIDE_THIS_SIGNING_SECRET_DEFAULT";
    int background_jobs_max = 16;  // imports and tasks at a time
};

// An entry under its path, or a common prefix.
struct Listed {
    std::string path;
    bool is_prefix = false;
    Entry entry;
};

struct Listing {
    std::vector<Listed> items;
    bool more = false;
};

// A body that has been stored and is not yet staged.
struct Uploaded {
    std::string address;  // relative
    block::Stat stat;
};

// What a conditional write demands of the current entry; false refuses it.
using EntryCondition = std::function<bool(const std::optional<Entry>& current)>;

class Background;
class Imports;
class Tasks;

// A multipart upload through the S3 gateway.
struct Upload {
    std::string id;
    std::string path;   // the key on its branch
    std::string place;  // "repository/branch"; empty when lakeFS began the upload
    Time created;
    std::string address;  // relative
    Metadata metadata;
    std::string content_type;
};

// Objects as clients see them: versions of entries, and their bytes in the object store.
//
// Threads  Any context.
// Errors   Those of versions and block, and invalid_argument (detail "bad_path"): empty or longer
// than
//          1,024 bytes; (detail "bad_link"): an upload address that was not given out for this.
// Lifetime Its end stops what runs in the background, and waits for it.
class Catalog {
public:
    Catalog(versions::Stores& stores, block::Store& blocks, CatalogOptions options);
    ~Catalog();

    Task<std::optional<Entry>> find(refs::Repository repository, std::string ref, std::string path);
    Task<Listing> list(refs::Repository repository, std::string ref, versions::ListQuery query);

    // Stores a body under a new address. Nothing refers to it yet.
    Task<Uploaded> upload(refs::Repository repository, ByteSource& body);
    // Stages an entry; false when `condition` (may be empty) refused it.
    Task<bool> put(refs::Repository repository, std::string branch, std::string path, Entry entry,
                   EntryCondition condition, versions::WriteOptions options);
    // Changes the entry in place (metadata). Errors  not_found (detail "no_such_object").
    Task<Entry> update(refs::Repository repository, std::string branch, std::string path,
                       std::function<void(Entry&)> change, versions::WriteOptions options);
    Task<void> remove(refs::Repository repository, std::string branch, std::string path,
                      versions::WriteOptions options);
    // Removes what `condition` accepts, only while it is still current; false when it refused.
    Task<bool> remove_if(refs::Repository repository, std::string branch, std::string path,
                         EntryCondition condition, versions::WriteOptions options);
    Task<void> remove_many(refs::Repository repository, std::string branch,
                           std::vector<std::string> paths, versions::WriteOptions options);

    struct CopyRequest {
        refs::Repository from_repository;
        std::string from_ref;
        std::string from_path;
        refs::Repository repository;
        std::string branch;
        std::string path;
        std::optional<Metadata> metadata;  // replaces the source's
        std::optional<std::string> content_type;
        versions::WriteOptions options;
    };
    // Copies bytes and entry. Errors  not_found (detail "no_such_object"): no such entry. gone (the
    // same detail): its bytes are not in the object store.
    Task<Entry> copy(CopyRequest request);

    // The bytes of an entry. Errors  gone (detail "no_such_object"): they are not in the object
    // store.
    Task<block::Opened> open(refs::Repository repository, Entry entry,
                             std::optional<block::Range> range);

    // Where the entry's bytes lie, and how that is shown to clients.
    block::Address address_of(const refs::Repository& repository, const Entry& entry) const;
    std::string show_address(const refs::Repository& repository, const Entry& entry) const;
    // A new "data/<partition>/<name>".
    std::string new_address();
    // What a client gave as physical address, as it is stored: RELATIVE under the namespace's
    // data/, else FULL.
    std::pair<std::string, AddressType> stored_address(const refs::Repository& repository,
                                                       std::string_view physical_address) const;
    // Upload addresses given out to clients (formats 5.4): "<address>,<signature>".
    std::string sign_address(const refs::Repository& repository, std::string_view branch,
                             std::string_view path, std::string_view address) const;
    void verify_signed_address(const refs::Repository& repository, std::string_view branch,
                               std::string_view path, std::string_view signed_address) const;

    // Records of multipart uploads.
    Task<void> add_upload(Upload upload);
    Task<std::optional<Upload>> find_upload(std::string id);
    Task<void> remove_upload(std::string id);
    Task<std::vector<Upload>> list_uploads(std::string after, int limit);

    // What goes on after a request was answered.
    Tasks& tasks();
    Imports& imports();
    Background& background();
    // Removes records of imports and tasks a day after they last changed, now and then daily.
    void start_housekeeping();
    Task<void> remove_old_records();

    versions::Stores& stores();
    block::Store& blocks();

private:
    Task<void> copy_bytes(block::Address from, block::Address to);

    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tarn::catalog
