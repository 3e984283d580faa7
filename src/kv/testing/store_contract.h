#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "kv/store.h"

namespace tarn::kv {

// How a test wants a store opened; a driver without a queue ignores it.
struct ContractLimits {
    std::chrono::milliseconds request_timeout{60'000};
    std::size_t queue_operations_max = 4096;
};

// An opened store, with what QueueContract does to it beside calling it; a driver that gathers
// nothing leaves the functions empty and runs StoreContract only.
struct OpenedStore {
    std::shared_ptr<Store> store;
    std::function<void()> hold;              // writes queued from now on wait ...
    std::function<void()> release;           // ... until now
    std::function<void()> break_next_batch;  // the next batch of writes fails in the database
};

// A driver under test.
struct Driver {
    std::string name;
    std::function<OpenedStore(const ContractLimits&)> open;

    friend void PrintTo(const Driver& driver, std::ostream* out) { *out << driver.name; }
};

// What every driver must do. A driver's own test file instantiates it with a way to open one:
//   INSTANTIATE_TEST_SUITE_P(Memory, StoreContract, ::testing::Values(Driver{"memory",
//   open_memory}));
class StoreContract : public ::testing::TestWithParam<Driver> {
protected:
    OpenedStore opened = GetParam().open(ContractLimits{});
    Store& store = *opened.store;
};

// The same for drivers that gather writes: the test opens the store with its own limits.
class QueueContract : public ::testing::TestWithParam<Driver> {
protected:
    OpenedStore open(const ContractLimits& limits = {}) const { return GetParam().open(limits); }
};

// Referring to the files of the suites makes the linker take them along.
bool store_contract_is_linked();
bool queue_contract_is_linked();
inline const bool contracts_linked = store_contract_is_linked() && queue_contract_is_linked();

}  // namespace tarn::kv
