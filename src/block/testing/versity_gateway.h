#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "base/testing/temporary_folder.h"
#include "block/s3/options.h"

namespace tarn::block {

// A real S3 server, versitygw, on a free port of the loopback. Buckets are folders of its own.
// It is looked for under TARN_VERSITYGW, then where scripts/setup puts it.
// Errors  std::runtime_error: it is absent or does not start; tests fail by that.
class VersityGateway {
public:
    static constexpr const char* access_key = "AKIATARNTESTSKEY0001";
    static constexpr const char* secret_key = "secretOfTheTests+/0123456789abcdef";

    VersityGateway();
    ~VersityGateway();
    VersityGateway(const VersityGateway&) = delete;
    VersityGateway& operator=(const VersityGateway&) = delete;

    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    void make_bucket(const std::string& name) const;
    // Options that lead here.
    S3Options options() const;

private:
    void wait_until_it_listens();

    const TemporaryFolder folder_;
    std::uint16_t port_ = 0;
    pid_t process_ = -1;
};

}  // namespace tarn::block
