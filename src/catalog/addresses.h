#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "block/store.h"
#include "catalog/entry.h"
#include "refs/model.h"

namespace tarn::catalog {

// Makes the names of new objects: "data/<partition>/<name>". The newest partition sorts first, so
// that clean-up can skip what is fresh. Threads  Any.  Limits  A partition takes 50,000 names and
// lasts an hour.
class AddressMaker {
public:
    explicit AddressMaker(const Clock& clock) : clock_(clock) {}
    std::string next();

private:
    static constexpr int names_max = 50'000;
    static constexpr std::chrono::hours lifetime{1};

    const Clock& clock_;
    std::mutex mutex_;
    std::string partition_;
    Time made_{};
    int names_ = 0;
};

// Where the bytes of an entry lie, by its kind of address.
block::Address address_of(const refs::Repository& repository, const Entry& entry);

// What a client gave as the physical address of an object, as it is stored: relative when it lies
// in the data/ of the repository's namespace (also in the form in which `blocks` shows addresses),
// else as given.
std::pair<std::string, AddressType> stored_address(const block::Store& blocks,
                                                   const refs::Repository& repository,
                                                   std::string_view physical_address);

// An upload address that was given out for one path of one branch: "<address>,<signature>".
std::string sign_address(std::string_view secret, const refs::Repository& repository,
                         std::string_view branch, std::string_view path, std::string_view address);

// Errors  invalid_argument (detail "bad_link"): another signature, or older than 24 hours.
void verify_signed_address(std::string_view secret, const refs::Repository& repository,
                           std::string_view branch, std::string_view path,
                           std::string_view signed_address, Time now);

}  // namespace tarn::catalog
