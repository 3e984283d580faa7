#include <algorithm>

#include "base/error.h"
#include "committed/internal/range_record.h"
#include "committed/record.pb.h"
#include "sstable/envelope.h"

namespace tarn::committed {
namespace {

constexpr std::size_t id_length_max = 128;

bool is_letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

bool is_file_id(std::string_view id) {
    return !id.empty() && id.size() <= id_length_max && std::ranges::all_of(id, is_letter_or_digit);
}

std::string range_record(const RangeInfo& range) {
    RangeData data;
    data.set_min_key(range.min_key);
    data.set_max_key(range.max_key);
    data.set_estimated_size(range.estimated_size);
    data.set_count(range.count);
    std::string value;
    sstable::append_envelope(value, range.id, data.SerializeAsString());
    return value;
}

RangeInfo parse_range_record(std::string_view value) {
    const sstable::Envelope envelope = sstable::parse_envelope(value);
    RangeData data;
    if (!is_file_id(envelope.identity) ||
        !data.ParseFromArray(envelope.data.data(), static_cast<int>(envelope.data.size()))) {
        throw Error(Code::corrupted, "record of a metarange does not name a range");
    }
    RangeInfo range;
    range.id = envelope.identity;
    range.min_key = std::move(*data.mutable_min_key());
    range.max_key = std::move(*data.mutable_max_key());
    range.count = data.count();
    range.estimated_size = data.estimated_size();
    return range;
}

}  // namespace tarn::committed
