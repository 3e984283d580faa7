#include "kv/postgres/internal/call.h"

#include "kv/internal/validate.h"

namespace tarn::kv::postgres {
namespace {

struct ValueBytes {
    std::size_t operator()(const Find&) const { return 0; }
    std::size_t operator()(const Remove&) const { return 0; }
    std::size_t operator()(const Put& step) const { return step.value.size(); }
    std::size_t operator()(const PutIf& step) const {
        const auto* equal = std::get_if<Equals>(&step.expected);
        return step.value.size() + (equal == nullptr ? 0 : equal->value.size());
    }
};

}  // namespace

Call::Call(std::span<const Step> given) : steps(given.begin(), given.end()), results(given.size()) {
    for (const Step& step : steps) {
        const Key& key = key_of(step);
        bytes += key.partition.size() + key.name.size() + std::visit(ValueBytes(), step);
    }
}

bool Call::writes_next() const {
    return !std::holds_alternative<Find>(next_step());
}

bool Call::is_uncertain() const {
    return next < lost_until && std::holds_alternative<PutIf>(next_step());
}

}  // namespace tarn::kv::postgres
