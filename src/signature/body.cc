#include "signature/body.h"

#include <atomic>
#include <deque>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "signature/chunk_decoder.h"
#include "signature/internal/ordered_work.h"

namespace tarn::signature {
namespace {

// Up to this many bytes a body is digested in place.
constexpr std::uint64_t in_place_bytes_max = 64 * 1024;

// A stretch of the body, and whether a chunk ends behind it.
struct Piece {
    Slice slice;
    bool ends_chunk = false;
    std::string signature;
};
using Pieces = std::shared_ptr<const std::vector<Piece>>;

// The signatures of chunks, each made over the one before.
class Chain {
public:
    explicit Chain(Seed seed) : seed_(std::move(seed)), previous_(seed_.signature) {}

    void take(const std::vector<Piece>& pieces) {
        for (const auto& piece : pieces) {
            if (!piece.slice.empty()) digest_.update(piece.slice.bytes);
            if (piece.ends_chunk) end_chunk(piece.signature);
        }
    }

    bool is_trailer_signed(std::string_view trailer, const std::optional<std::string>& signature) {
        const auto expected = sign("AWS4-HMAC-SHA256-TRAILER", "", as_view(tarn::sha256(trailer)));
        return signature && equals_in_constant_time(expected, to_lower(*signature));
    }

    bool holds() const { return holds_; }

private:
    std::string sign(std::string_view kind, std::string_view between, std::string_view hash) {
        std::string text;
        text.append(kind).append("\n").append(seed_.timestamp).append("\n").append(seed_.scope);
        text.append("\n").append(previous_).append("\n").append(between).append(to_hex(hash));
        return to_hex(as_view(hmac_sha256(as_view(seed_.key), text)));
    }

    void end_chunk(const std::string& signature) {
        static constexpr std::string_view empty_hash =
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n";
        const auto hash = std::exchange(digest_, Sha256()).finish();
        previous_ = sign("AWS4-HMAC-SHA256-PAYLOAD", empty_hash, as_view(hash));
        if (!equals_in_constant_time(previous_, to_lower(signature))) holds_ = false;
    }

    Seed seed_;
    std::string previous_;
    Sha256 digest_;
    std::atomic<bool> holds_ = true;
};

// All digests of one body. Each is touched by one job at a time.
struct Digests {
    std::optional<Md5> md5;
    std::optional<Sha256> sha256;
    std::optional<Checksum> checksum;
    std::optional<Chain> chain;
};

template <class Digest>
void update(Digest& digest, const std::vector<Piece>& pieces) {
    for (const auto& piece : pieces) {
        if (!piece.slice.empty()) digest.update(piece.slice.bytes);
    }
}

[[noreturn]] void fail(const char* why, const char* detail) {
    throw Error(Code::invalid_argument, why, detail);
}

}  // namespace

struct VerifiedBody::State {
    ByteSource& raw;
    BodyRules rules;
    Workers& workers;
    std::shared_ptr<Digests> digests = std::make_shared<Digests>();
    std::optional<ChunkDecoder> decoder;
    std::vector<internal::OrderedWork> lanes;  // none: digested in place
    std::deque<Slice> ready;
    std::uint64_t read = 0;
    std::uint64_t given = 0;
    bool is_over = false;
    bool is_sound = false;  // once over: the checks held
    std::string md5_hex;
    std::optional<std::string> checksum;

    State(ByteSource& raw_body, BodyRules body_rules, Workers& all_workers)
        : raw(raw_body), rules(std::move(body_rules)), workers(all_workers) {
        if (rules.md5 || rules.wants_md5) digests->md5.emplace();
        if (rules.payload == Payload::signed_whole) digests->sha256.emplace();
        if (rules.checksum) digests->checksum.emplace(*rules.checksum);
        if (is_chunked(rules.payload)) {
            const bool is_signed = rules.payload != Payload::plain_chunks_trailer;
            if (is_signed) {
                CHECK(rules.seed.has_value(), "signed chunks follow a verified signature");
                digests->chain.emplace(*rules.seed);
            }
            decoder.emplace(ChunkDecoder::Form{is_signed, rules.checksum && !rules.checksum_value,
                                               rules.decoded_length});
        }
    }

    std::optional<std::uint64_t> size() const {
        return decoder ? std::optional(rules.decoded_length) : raw.size();
    }

    Pieces decode(const Slice& slice) {
        auto pieces = std::make_shared<std::vector<Piece>>();
        if (!decoder) {
            pieces->push_back({slice, false, {}});
            return pieces;
        }
        auto input = slice.bytes;
        while (!input.empty()) {
            switch (decoder->next(input)) {
                case ChunkDecoder::Event::data:
                    pieces->push_back({{slice.owner, decoder->data()}, false, {}});
                    break;
                case ChunkDecoder::Event::chunk_end:
                    pieces->push_back({{}, true, decoder->signature()});
                    break;
                case ChunkDecoder::Event::need_more:
                case ChunkDecoder::Event::end:
                    break;
            }
        }
        return pieces;
    }

    void digest_in_place(const Pieces& pieces) {
        if (digests->md5) update(*digests->md5, *pieces);
        if (digests->sha256) update(*digests->sha256, *pieces);
        if (digests->checksum) update(*digests->checksum, *pieces);
        if (digests->chain) digests->chain->take(*pieces);
    }

    Task<void> digest_on_workers(Pieces pieces) {
        const auto all = digests;
        std::vector<std::function<void()>> jobs;
        if (all->md5) jobs.emplace_back([all, pieces] { update(*all->md5, *pieces); });
        if (all->sha256) jobs.emplace_back([all, pieces] { update(*all->sha256, *pieces); });
        if (all->checksum) jobs.emplace_back([all, pieces] { update(*all->checksum, *pieces); });
        if (all->chain) jobs.emplace_back([all, pieces] { all->chain->take(*pieces); });
        while (lanes.size() < jobs.size()) lanes.emplace_back(workers);
        for (std::size_t lane = 0; lane < jobs.size(); ++lane) {
            co_await lanes[lane].post(std::move(jobs[lane]));
        }
    }

    Task<void> digest(Pieces pieces) {
        const bool is_large = size().value_or(read) > in_place_bytes_max;
        if (lanes.empty() && !is_large) {
            digest_in_place(pieces);
        } else {
            co_await digest_on_workers(std::move(pieces));
        }
    }

    void check_chunks() {
        decoder->finish();
        if (digests->chain) {
            if (!digests->chain->holds()) fail("a chunk's signature is wrong", "chunk_signature");
            const bool has_trailer = rules.payload == Payload::signed_chunks_trailer;
            if (has_trailer && !digests->chain->is_trailer_signed(decoder->signed_trailer(),
                                                                  decoder->trailer_signature())) {
                fail("the trailer's signature is wrong", "chunk_signature");
            }
        }
        if (!rules.checksum || rules.checksum_value) return;
        for (const auto& [name, value] : decoder->trailer()) {
            if (checksum_of_header(name) == rules.checksum) {
                rules.checksum_value = from_base64(value);
                if (!rules.checksum_value ||
                    rules.checksum_value->size() != size_of(*rules.checksum)) {
                    fail("the checksum in the trailer is malformed", "invalid_checksum");
                }
            }
        }
        if (!rules.checksum_value) fail("the trailer has no checksum", "malformed_trailer");
    }

    void check_md5() {
        const auto computed = digests->md5->finish();
        if (rules.md5 && as_view(computed) != *rules.md5) {
            fail("The Content-MD5 you specified did not match what we received.", "bad_digest");
        }
        md5_hex = to_hex(as_view(computed));
    }

    void check() {
        if (decoder) check_chunks();
        if (digests->sha256 && as_view(digests->sha256->finish()) != rules.sha256) {
            fail("the body is not what x-amz-content-sha256 says", "sha256_mismatch");
        }
        if (digests->md5) check_md5();
        if (digests->checksum) {
            const auto computed = digests->checksum->finish();
            if (rules.checksum_value && computed != *rules.checksum_value) {
                fail("The checksum you specified did not match what we received.", "bad_digest");
            }
            checksum = to_base64(computed);
        }
        is_sound = true;
    }
};

VerifiedBody::VerifiedBody(ByteSource& raw, BodyRules rules, Workers& workers)
    : state_(std::make_unique<State>(raw, std::move(rules), workers)) {}
VerifiedBody::~VerifiedBody() = default;

Task<Slice> VerifiedBody::next() {
    auto& state = *state_;
    while (state.ready.empty() && !state.is_over) {
        const Slice slice = co_await state.raw.next();
        if (slice.empty()) {
            for (auto& lane : state.lanes) {
                co_await lane.drain();
            }
            state.is_over = true;
            state.check();
            break;
        }
        state.read += slice.bytes.size();
        const Pieces pieces = state.decode(slice);
        co_await state.digest(pieces);
        for (const auto& piece : *pieces) {
            if (!piece.slice.empty()) state.ready.push_back(piece.slice);
        }
        if (state.digests->chain && !state.digests->chain->holds()) {
            fail("a chunk's signature is wrong", "chunk_signature");
        }
    }
    if (state.is_over && !state.is_sound) fail("the body was refused", "incomplete_body");
    if (state.ready.empty()) co_return Slice{};
    Slice slice = std::move(state.ready.front());
    state.ready.pop_front();
    state.given += slice.bytes.size();
    co_return slice;
}

std::optional<std::uint64_t> VerifiedBody::size() const {
    return state_->size();
}
const std::string& VerifiedBody::md5_hex() const {
    return state_->md5_hex;
}
const std::optional<std::string>& VerifiedBody::checksum() const {
    return state_->checksum;
}
std::optional<ChecksumKind> VerifiedBody::checksum_kind() const {
    return state_->rules.checksum;
}
std::uint64_t VerifiedBody::bytes() const {
    return state_->given;
}

}  // namespace tarn::signature
