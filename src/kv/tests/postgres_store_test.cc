#include "kv/postgres/postgres_store.h"

#include <gtest/gtest.h>

#include "kv/testing/opened_postgres.h"

namespace tarn::kv {
namespace {

INSTANTIATE_TEST_SUITE_P(Postgres, StoreContract,
                         ::testing::Values(Driver{"postgres", open_postgres}));
INSTANTIATE_TEST_SUITE_P(Postgres, QueueContract,
                         ::testing::Values(Driver{"postgres", open_postgres}));

}  // namespace
}  // namespace tarn::kv
