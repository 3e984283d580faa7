// What a signed request costs before its handler runs, and what digests of a body cost.

#include <benchmark/benchmark.h>

#include "base/bytes.h"
#include "signature/sign.h"
#include "signature/v4.h"

namespace tarn::signature {
namespace {

const Secret secret{"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};

// A GET as boto3 sends it.
struct Request {
    Time now = from_unix_seconds(1'369'353'600);
    std::string authorization;
    std::vector<FieldView> fields{
        {"Host", "127.0.0.1:8000"},
        {"Accept-Encoding", "identity"},
        {"x-amz-checksum-mode", "ENABLED"},
        {"User-Agent", "Boto3/1.44.0 md/Botocore#1.44.0 ua/2.0 os/linux#6.1 lang/python#3.11"},
        {"X-Amz-Date", "20130524T000000Z"},
        {"X-Amz-Content-SHA256",
         "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"amz-sdk-invocation-id", "2f0c3b8a-6d0a-4c43-9d1b-5d5b7f6f6a11"},
        {"amz-sdk-request", "attempt=1"}};

    Request() {
        authorization = sign_header(message(), {"AKIAIOSFODNN7EXAMPLE", secret}, now);
        fields.emplace_back("Authorization", authorization);
    }
    Message message() const {
        return {"GET", "/repository/main/folder/part-00001.parquet", "x-id=GetObject", fields, ""};
    }
};

void verify_with_a_known_key(benchmark::State& state) {
    const Request request;
    SigningKeys keys;
    for (auto _ : state) {
        const auto claim = parse_claim(request.message(), request.now, {});
        const auto seed = verify_v4(request.message(), *claim, secret, keys);
        if (!seed) state.SkipWithError("the signature must hold");
        benchmark::DoNotOptimize(seed);
    }
}
BENCHMARK(verify_with_a_known_key);

void parse_only(benchmark::State& state) {
    const Request request;
    for (auto _ : state) {
        auto claim = parse_claim(request.message(), request.now, {});
        benchmark::DoNotOptimize(claim);
    }
}
BENCHMARK(parse_only);

void derive_a_key(benchmark::State& state) {
    for (auto _ : state) {
        auto key = signing_key(secret, "20130524", "us-east-1");
        benchmark::DoNotOptimize(key);
    }
}
BENCHMARK(derive_a_key);

}  // namespace
}  // namespace tarn::signature

BENCHMARK_MAIN();
