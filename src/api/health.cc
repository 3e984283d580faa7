#include "api/answers.h"
#include "api/wire/health_check.h"

namespace tarn::api {

Task<http::Response> health_check(Call&, wire::HealthCheckParams) {
    co_return empty_answer();
}

}  // namespace tarn::api
