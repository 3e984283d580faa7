#include "sstable/snappy.h"

#include <snappy.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "base/varint.h"

namespace tarn::sstable {
namespace {

constexpr std::size_t fragment_bytes_max = 65'536;
constexpr std::size_t table_size_max = 1 << 14;
constexpr std::size_t table_size_min = 1 << 8;
// The match search reads up to this many bytes beyond its position.
constexpr std::size_t input_margin = 15;
constexpr std::size_t fragment_bytes_for_matching = input_margin + 2;

// What `size` bytes become at most: copies are never longer than what they stand for, and the worst
// are literals of one byte between copies of short matches far away.
constexpr std::size_t encoded_bytes_max(std::size_t size) {
    return 32 + size + size / 6;
}

enum Tag : std::uint8_t { literal = 0, copy_1 = 1, copy_2 = 2 };

// Compresses one fragment: a greedy search for four equal bytes through a hash table of positions,
// with steps that grow by one for every 32 lookups in vain.
class Fragment {
public:
    // `out` has room for `encoded_bytes_max(input.size())`.
    Fragment(std::string_view input, char* out) : input_(input), out_(out) {
        std::size_t size = table_size_min;
        while (size < table_size_max && size < input.size()) {
            size *= 2;
            --shift_;
        }
        std::memset(positions_.data(), 0, size * sizeof(std::uint16_t));
    }

    // Returns where the output ends.
    char* compress() {
        std::size_t emitted = 0;
        if (input_.size() >= fragment_bytes_for_matching) emitted = emit_matches();
        if (emitted < input_.size()) emit_literal(emitted, input_.size());
        return out_;
    }

private:
    std::uint32_t load(std::size_t at) const { return load_fixed<std::uint32_t>(&input_[at]); }

    std::size_t slot(std::uint32_t bytes) const { return (bytes * 0x1e35a7bdU) >> shift_; }

    // Exchanges the position kept for `bytes` against `at`.
    std::size_t exchange(std::uint32_t bytes, std::size_t at) {
        std::uint16_t& position = positions_[slot(bytes)];
        const std::size_t previous = position;
        position = static_cast<std::uint16_t>(at);
        return previous;
    }

    // Returns the position up to which everything has been emitted.
    std::size_t emit_matches() {
        const std::size_t limit = input_.size() - input_margin;
        std::size_t emitted = 0;
        std::size_t at = 1;
        for (;;) {
            std::size_t candidate = 0;
            if (!find_match(at, candidate, limit)) return emitted;
            emit_literal(emitted, at);
            do {
                const std::size_t length = 4 + common(candidate + 4, at + 4);
                emit_copy(at - candidate, length);
                at += length;
                emitted = at;
                if (at >= limit) return emitted;
                exchange(load(at - 1), at - 1);
                candidate = exchange(load(at), at);
            } while (load(candidate) == load(at));
            ++at;
        }
    }

    // Moves `at` to the next position with a match; false when the fragment's margin is reached.
    bool find_match(std::size_t& at, std::size_t& candidate, std::size_t limit) {
        std::size_t skip = 32;
        std::size_t next = at;
        for (;;) {
            at = next;
            const std::size_t step = skip >> 5;
            next = at + step;
            skip += step;
            if (next > limit) return false;
            const std::uint32_t bytes = load(at);
            candidate = exchange(bytes, at);
            if (load(candidate) == bytes) return true;
        }
    }

    std::size_t common(std::size_t left, std::size_t right) const {
        const std::size_t begin = right;
        while (right + 8 <= input_.size()) {
            const auto difference = load_fixed<std::uint64_t>(&input_[left]) ^
                                    load_fixed<std::uint64_t>(&input_[right]);
            if (difference != 0) {
                return right - begin + static_cast<std::size_t>(std::countr_zero(difference)) / 8;
            }
            left += 8;
            right += 8;
        }
        while (right < input_.size() && input_[left] == input_[right]) {
            ++left;
            ++right;
        }
        return right - begin;
    }

    void put(std::size_t byte) { *out_++ = static_cast<char>(byte); }

    void emit_literal(std::size_t from, std::size_t to) {
        const std::size_t last = to - from - 1;
        if (last < 60) {
            put(last << 2 | literal);
        } else if (last < 256) {
            put(60 << 2 | literal);
            put(last);
        } else {
            put(61 << 2 | literal);
            put(last);
            put(last >> 8);
        }
        std::memcpy(out_, &input_[from], to - from);
        out_ += to - from;
    }

    void emit_copy_2(std::size_t offset, std::size_t length) {
        put((length - 1) << 2 | copy_2);
        put(offset);
        put(offset >> 8);
    }

    // Long matches end in a copy of at least four bytes, so that it may take the short form.
    void emit_copy(std::size_t offset, std::size_t length) {
        while (length >= 68) {
            emit_copy_2(offset, 64);
            length -= 64;
        }
        if (length > 64) {
            emit_copy_2(offset, 60);
            length -= 60;
        }
        if (length >= 12 || offset >= 2'048) {
            emit_copy_2(offset, length);
            return;
        }
        put((offset >> 8) << 5 | (length - 4) << 2 | copy_1);
        put(offset);
    }

    std::string_view input_;
    char* out_;
    int shift_ = 32 - 8;
    std::array<std::uint16_t, table_size_max> positions_;  // cleared as far as used
};

}  // namespace

void snappy_compress(std::string_view input, std::string& out) {
    append_uvarint(out, input.size());
    const std::size_t begin = out.size();
    out.resize_and_overwrite(begin + encoded_bytes_max(input.size()), [&](char* to, std::size_t) {
        char* end = to + begin;
        while (!input.empty()) {
            const std::string_view fragment = input.substr(0, fragment_bytes_max);
            end = Fragment(fragment, end).compress();
            input.remove_prefix(fragment.size());
        }
        return static_cast<std::size_t>(end - to);
    });
}

bool snappy_decompress(std::string_view input, std::size_t output_bytes_max, std::string& out) {
    std::size_t size = 0;
    if (!snappy::GetUncompressedLength(input.data(), input.size(), &size)) return false;
    if (size > output_bytes_max) return false;
    // No element of the format makes more than 64 bytes out of less than three.
    if (size / 64 > input.size()) return false;
    bool good = false;
    out.resize_and_overwrite(size, [&](char* to, std::size_t) {
        good = snappy::RawUncompress(input.data(), input.size(), to);
        return good ? size : 0;
    });
    return good;
}

}  // namespace tarn::sstable
