#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tarn::signature {

// Takes the frames off an aws-chunked body: "<hex size>[;chunk-signature=<hex>]\r\n<data>\r\n" ...,
// a chunk of size 0, then trailer lines. Pure: no I/O, no copies of data.
//
// Limits   A chunk's head 1 KiB, the trailer 16 KiB.
// Errors   invalid_argument, detail "malformed_chunk", "malformed_trailer", or "incomplete_body":
//          more or fewer bytes than were declared. After an error the object is of no use.
// Source   AWS, Signature Calculations for the Authorization Header: Transferring Payload in Chunks
class ChunkDecoder {
public:
    enum class Event {
        need_more,  // the input is used up
        data,       // `data()` holds bytes of the body, a view into the input
        chunk_end,  // a chunk is over; `signature()` is what its head said
        end         // the body is over
    };

    struct Form {
        bool is_signed = false;
        bool has_trailer = false;
        std::uint64_t decoded_length = 0;
    };

    explicit ChunkDecoder(Form form);

    // Goes on to the next event, consuming from the front of `input`.
    Event next(std::string_view& input);
    // The input is over. Throws when the body is not.
    void finish();

    std::string_view data() const { return data_; }
    const std::string& signature() const { return signature_; }
    // Lower-case names and values, without the trailer's signature.
    const std::vector<std::pair<std::string, std::string>>& trailer() const { return trailer_; }
    // The trailer as its signature covers it: "name:value\n" ...
    const std::string& signed_trailer() const { return signed_trailer_; }
    const std::optional<std::string>& trailer_signature() const { return trailer_signature_; }

private:
    enum class State { head, data, data_end, after_data, trailer, done };

    bool take_line(std::string_view& input, std::size_t limit, const char* detail);
    void read_head();
    Event read_trailer_line();

    Form form_;
    State state_ = State::head;
    std::string line_;
    std::uint64_t left_ = 0;     // of the current chunk
    std::uint64_t decoded_ = 0;  // in all
    std::size_t trailer_bytes_ = 0;
    std::string_view data_;
    std::string signature_;
    std::vector<std::pair<std::string, std::string>> trailer_;
    std::string signed_trailer_;
    std::optional<std::string> trailer_signature_;
};

}  // namespace tarn::signature
