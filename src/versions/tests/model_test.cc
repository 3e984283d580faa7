#include <gtest/gtest.h>

#include "kv/memory/memory_store.h"
#include "kv/testing/opened_rocksdb.h"
#include "versions/testing/walk.h"

namespace tarn::versions {
namespace {

class RandomWalk : public ::testing::TestWithParam<unsigned> {};

TEST_P(RandomWalk, OnMemoryIsLikeTheModel) {
    kv::MemoryStore store;

    Walk(store, GetParam()).run(3'000);
}

TEST_P(RandomWalk, OnRocksdbIsLikeTheModel) {
    kv::OpenedRocksdb opened;

    Walk(*opened.store, GetParam() + 100).run(1'000);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomWalk, ::testing::Range(1u, 6u));

}  // namespace
}  // namespace tarn::versions
