#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/workers.h"
#include "block/s3/client.h"
#include "block/s3/memory_budget.h"
#include "block/s3/options.h"
#include "block/s3/sources.h"
#include "block/store.h"

namespace tarn::block {

// Objects in buckets of Amazon S3, or of any store that speaks its protocol.
//
// Shape    A body of up to `part_bytes` is one request, a longer one a multipart upload whose parts
//          are sent several at a time. What is held in memory can be sent again; a body is sent
//          without being held, and once, where memory for uploads is short.
//          Uploads and parts of the callers are the store's own.
//          Every body that is held carries a CRC32C, and the store's MD5 is compared where it does
//          not check that. What is read whole is compared with the store's checksum, if it has one,
//          before its last piece is given out; reading goes on where a connection broke off.
// Limits   `upload_memory_bytes` over all uploads; 64 KiB more for each small one.
// Errors   As Store. exhausted (detail "slow_down"): the store asks for fewer requests. internal
//          (detail "store_refused"): it does not let us, with its own words. corrupted (detail
//          "bad_checksum"): it keeps, or gives back, other bytes than were sent.
// Source   docs/formats/addresses.md for addresses; the S3 API reference.
class S3Store final : public Store {
public:
    S3Store(S3Options options, Workers& workers, const Clock& clock);

    const Properties& properties() const override { return properties_; }
    Task<Stat> put(Address address, ByteSource& body, bool fresh) override;
    Task<std::optional<Opened>> open(Address address, std::optional<Range> range) override;
    Task<std::optional<Stat>> stat(Address address) override;
    Task<void> remove(Address address) override;
    Task<void> remove_all(std::string storage_namespace, std::vector<std::string> keys) override;
    Task<Stat> copy(Address from, Address to) override;
    Task<ListPage> list(std::string storage_namespace, std::string prefix, std::string after,
                        int limit) override;
    Task<std::string> begin_upload(Address address) override;
    Task<Part> put_part(Address address, std::string upload, int number, ByteSource& body) override;
    Task<Part> copy_part(Address address, std::string upload, int number, Address from,
                         std::optional<Range> range) override;
    Task<PartPage> list_parts(Address address, std::string upload, int after, int limit) override;
    Task<Completed> complete_upload(Address address, std::string upload,
                                    std::vector<Part> parts) override;
    Task<void> abort_upload(Address address, std::string upload) override;
    Task<std::string> presign(Address address, bool write, std::chrono::seconds lifetime) override;
    Task<std::string> presign_part(Address address, std::string upload, int number,
                                   std::chrono::seconds lifetime) override;
    std::string show(const Address& address) const override;

private:
    struct Parts;  // of a put in several requests
    using Bytes = std::shared_ptr<std::string>;

    // Sends, and throws what a bad answer means.
    Task<S3Answer> require(S3Request request);
    Task<std::optional<S3Answer>> head(S3Place place);
    // The encryption and storage class of a new object.
    void add_keeping(http::Fields& fields) const;
    Time time_of(const S3Answer& answer) const;
    bool has_md5_etag(const S3Answer& answer) const;
    void require_presign() const;

    Task<Stat> put_bytes(S3Place place, Bytes bytes);
    Task<Stat> put_streaming(S3Place place, ByteSource& body);
    Task<Stat> put_unsized(S3Place place, BodyCutter& cutter);
    Task<Stat> put_in_parts(S3Place place, BodyCutter& cutter, Bytes first,
                            MemoryBudget::Permit permit, std::optional<std::uint64_t> size);
    Task<void> send_parts(Parts& parts, BodyCutter& cutter, Bytes first,
                          MemoryBudget::Permit permit, std::optional<std::uint64_t> size);
    Task<void> send_part(Parts& parts, int number, Bytes bytes, MemoryBudget::Permit permit);
    Task<MemoryBudget::Permit> permit_for(Parts& parts, std::uint64_t bytes);
    Task<Stat> copy_in_parts(S3Place from, S3Place to, std::uint64_t size);

    Task<std::string> begin(S3Place place, bool checksummed);
    Task<S3Copied> join(S3Place place, std::string upload, std::vector<S3Piece> pieces);
    Task<void> abort(S3Place place, std::string upload);
    Task<S3Copied> copy_stretch(S3Place to, std::string upload, int number, S3Place from,
                                std::optional<Range> range);
    // Compares what the store says it keeps with what it was sent.
    Task<void> check_stored(S3Request request, S3Answer answer);

    const S3Options options_;
    const Properties properties_;
    Workers& workers_;
    const Clock& clock_;
    S3Client client_;
    MemoryBudget memory_;
};

}  // namespace tarn::block
