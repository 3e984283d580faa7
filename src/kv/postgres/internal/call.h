#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/error.h"
#include "base/signal.h"
#include "kv/postgres/internal/session.h"
#include "kv/step.h"

namespace tarn::kv::postgres {

// One call of Store::run on its way through a lane.
// Lifetime  Shared by the caller and the lane, so that a caller may stop waiting. The lane fills
//           `results` and `failure` before it notifies `answered`, and leaves them alone
//           afterwards.
struct Call {
    explicit Call(std::span<const Step> given);

    bool is_done() const { return next == steps.size(); }
    bool writes_next() const;
    // Whether the next step is a conditional write that went out on a connection that was lost.
    bool is_uncertain() const;
    const Step& next_step() const { return steps[next]; }

    std::vector<Step> steps;
    std::vector<Result> results;
    std::optional<Error> failure;
    Signal answered;

    // Of the lane only:
    Moment deadline;
    std::size_t bytes = 0;
    std::size_t next = 0;        // the first step without a result
    int caution = 0;             // 0: batched; 1: its statement alone; 2: its row alone
    bool is_answered = false;    // done, failed, or out of time
    std::size_t sent_until = 0;  // writes before this step have gone out
    std::size_t lost_until = 0;  // likewise, on a connection that was lost: all happened, or none
};

using CallPtr = std::shared_ptr<Call>;

}  // namespace tarn::kv::postgres
