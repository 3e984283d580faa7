#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace tarn {

// `size` bytes from the operating system's generator.
std::string random_bytes(std::size_t size);

// A new xid: 20 characters, sorted by time. Any thread may call.
std::string new_xid(Time now);
// The same with the newest sorting first; `year` is 4000 (data partitions, GC runs) or 3000 (action
// runs, pull requests).
enum class Descending { from_year_3000, from_year_4000 };
std::string new_descending_xid(Time now, Descending base);
// The instant in an xid, in whole seconds; nothing when the text is none.
std::optional<Time> xid_time(std::string_view xid);

// A random UUID (version 4), 36 lower-case characters.
std::string new_uuid();

// `length` random characters of the nanoid alphabet (A-Z a-z 0-9 _ -).
std::string new_nanoid(int length);

}  // namespace tarn
