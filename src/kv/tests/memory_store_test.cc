#include "kv/memory/memory_store.h"

#include "kv/testing/store_contract.h"

namespace tarn::kv {
namespace {

OpenedStore open_memory(const ContractLimits&) {
    return {std::make_shared<MemoryStore>(), {}, {}, {}};
}

INSTANTIATE_TEST_SUITE_P(Memory, StoreContract, ::testing::Values(Driver{"memory", open_memory}));

}  // namespace
}  // namespace tarn::kv
