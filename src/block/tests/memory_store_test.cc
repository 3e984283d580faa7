#include "block/memory/memory_store.h"

#include "block/testing/store_contract.h"

namespace tarn::block {
namespace {

class OpenedMemoryStore final : public OpenedStore {
public:
    Store& store() override { return store_; }
    std::string storage_namespace() const override { return "mem://lake/of-tests"; }

private:
    const SystemClock clock_;
    MemoryStore store_{clock_};
};

INSTANTIATE_TEST_SUITE_P(Memory, StoreContract, ::testing::Values(OpenStore([] {
                             return std::make_unique<OpenedMemoryStore>();
                         })));

}  // namespace
}  // namespace tarn::block
