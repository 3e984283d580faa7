#include "api/tasks.h"

#include <utility>

#include "api/checks.h"
#include "api/errors.h"
#include "api/house.h"

namespace tarn::api {

catalog::TaskFailure describe_failure(const Error& error) {
    Failure failure = failure_of(error);
    return {failure.status, std::move(failure.message)};
}

Task<catalog::TaskStatus> task_of(Call& call, std::string repository, catalog::TaskKind kind,
                                  std::string id) {
    auto where = co_await repository_of(call, std::move(repository));
    auto status = co_await call.house.catalog.tasks().find(std::move(where), kind, std::move(id));
    if (!status) throw not_found("not found");
    co_return std::move(*status);
}

}  // namespace tarn::api
