#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "refs/refs.h"

namespace tarn::versions {

// The branch records last seen, by repository and branch: where to look first. A hint proves
// nothing; whoever uses one reads the record in the same round trip. Threads  Any. Limits  The
// least recently used go beyond 100,000 branches.
class Hints {
public:
    struct Hint {
        std::shared_ptr<const refs::BranchRecord> record;
        Time seen;
    };

    explicit Hints(const Clock& clock);
    ~Hints();
    std::optional<Hint> find(const refs::Repository& repository, const std::string& branch) const;
    void remember(const refs::Repository& repository,
                  std::shared_ptr<const refs::BranchRecord> record);
    void forget(const refs::Repository& repository, const std::string& branch);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tarn::versions
