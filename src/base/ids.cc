#include "base/ids.h"

#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <fstream>
#include <iterator>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/error.h"

namespace tarn {
namespace {

constexpr std::string_view xid_alphabet = "0123456789abcdefghijklmnopqrstuv";
constexpr std::string_view nanoid_alphabet =
    "_-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::size_t xid_bytes = 12;
constexpr std::size_t xid_characters = 20;

// The years 3000 and 4000 in seconds, modulo 2^32.
constexpr std::uint32_t year_3000 = 2436144128u;
constexpr std::uint32_t year_4000 = 3931046656u;

std::string first_line(const char* path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

std::string machine_name() {
    std::string name = first_line("/etc/machine-id");
    if (!name.empty()) return name;
    std::array<char, 256> host{};
    if (gethostname(host.data(), host.size() - 1) == 0 && host[0] != '\0') return host.data();
    return random_bytes(16);
}

// The process id, made different in containers, where it often is 1.
std::uint32_t process_number() {
    std::ifstream file("/proc/self/cpuset");
    const std::string cpuset{std::istreambuf_iterator<char>(file), {}};
    const auto pid = static_cast<std::uint32_t>(getpid());
    return cpuset.size() > 1 ? pid ^ crc32(0, cpuset) : pid;
}

// What all xids of this process share, and the counter that tells them apart.
struct XidSource {
    XidSource() {
        const Sha256Digest machine = sha256(machine_name());
        std::copy_n(machine.begin(), 3, middle.begin());
        const std::uint32_t process = process_number();
        middle[3] = static_cast<std::uint8_t>(process >> 8);
        middle[4] = static_cast<std::uint8_t>(process);
        for (const char c : random_bytes(3)) counter = counter << 8 | static_cast<unsigned char>(c);
    }

    std::array<std::uint8_t, 5> middle{};
    std::atomic<std::uint32_t> counter = 0;
};

std::string encode_xid(const std::array<std::uint8_t, xid_bytes>& raw) {
    std::string text;
    text.reserve(xid_characters);
    std::uint32_t bits = 0;
    int count = 0;
    for (const std::uint8_t byte : raw) {
        bits = bits << 8 | byte;
        count += 8;
        while (count >= 5) {
            count -= 5;
            text += xid_alphabet[bits >> count & 31];
        }
    }
    text += xid_alphabet[bits << (5 - count) & 31];
    return text;
}

std::string make_xid(std::uint32_t seconds) {
    static XidSource source;
    const std::uint32_t count = source.counter.fetch_add(1, std::memory_order_relaxed) + 1;
    std::array<std::uint8_t, xid_bytes> raw{};
    for (int i = 0; i < 4; ++i) raw[i] = static_cast<std::uint8_t>(seconds >> (24 - 8 * i));
    std::copy(source.middle.begin(), source.middle.end(), raw.begin() + 4);
    for (int i = 0; i < 3; ++i) raw[9 + i] = static_cast<std::uint8_t>(count >> (16 - 8 * i));
    return encode_xid(raw);
}

}  // namespace

std::string random_bytes(std::size_t size) {
    std::string bytes(size, '\0');
    std::size_t filled = 0;
    while (filled < size) {
        const ssize_t got = getrandom(bytes.data() + filled, size - filled, 0);
        CHECK(got >= 0 || errno == EINTR, "the operating system gives random bytes");
        if (got > 0) filled += static_cast<std::size_t>(got);
    }
    return bytes;
}

std::string new_xid(Time now) {
    return make_xid(static_cast<std::uint32_t>(unix_seconds(now)));
}

std::string new_descending_xid(Time now, Descending base) {
    const std::uint32_t year = base == Descending::from_year_3000 ? year_3000 : year_4000;
    return make_xid(year - static_cast<std::uint32_t>(unix_seconds(now)));
}

std::optional<Time> xid_time(std::string_view xid) {
    if (xid.size() != xid_characters) return std::nullopt;
    std::uint64_t head = 0;
    for (std::size_t i = 0; i < xid.size(); ++i) {
        const auto value = xid_alphabet.find(xid[i]);
        if (value == xid_alphabet.npos) return std::nullopt;
        if (i + 1 == xid.size() && value % 16 != 0) return std::nullopt;
        if (i < 7) head = head << 5 | value;
    }
    return from_unix_seconds(static_cast<std::int64_t>(head >> 3));
}

std::string new_uuid() {
    std::string raw = random_bytes(16);
    raw[6] = static_cast<char>((raw[6] & 0x0f) | 0x40);
    raw[8] = static_cast<char>((raw[8] & 0x3f) | 0x80);
    std::string text = to_hex(raw);
    for (const std::size_t dash : {8, 13, 18, 23}) text.insert(dash, 1, '-');
    return text;
}

std::string new_nanoid(int length) {
    std::string text = random_bytes(static_cast<std::size_t>(length));
    for (char& c : text) c = nanoid_alphabet[static_cast<unsigned char>(c) & 63];
    return text;
}

}  // namespace tarn
