#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/workers.h"
#include "kv/postgres/postgres_store.h"
#include "kv/testing/postgres_server.h"
#include "kv/testing/store_contract.h"

namespace tarn::kv {

// A store on a database of the shared server, emptied first, with its workers.
struct OpenedPostgres {
    explicit OpenedPostgres(const PostgresOptions& given = {}, const PostgresSeams& seams = {});

    // Runs statements on the store's database, as another client.
    std::string sql(const std::string& statements) const;
    Secret url() const { return options.connection_string; }
    // Every write fails from now on, as if the disk were full.
    void fill_disk() const;

    PostgresServer& server = PostgresServer::shared();
    PostgresOptions options;
    std::atomic<bool> held{false};  // while true, nothing is sent
    Workers workers{2};
    std::unique_ptr<PostgresStore> store;
};

// For the contract suites; the second one addresses the whole table, as if the server's routing
// were not known.
OpenedStore open_postgres(const ContractLimits& limits);
OpenedStore open_postgres_by_parent(const ContractLimits& limits);

}  // namespace tarn::kv
