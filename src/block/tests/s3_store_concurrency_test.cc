#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/signal.h"
#include "base/testing/await.h"
#include "block/s3/s3_store.h"
#include "block/testing/scripted_server.h"
#include "block/testing/store_contract.h"

namespace tarn::block {
namespace {

// A store of whole objects that fails every seventh request.
class Objects {
public:
    ScriptedReply answer(const ScriptedRequest& request, int number) {
        if (number % 7 == 0) return {.status = 500};
        if (request.method == "PUT") {
            objects_[request.target] = request.body;
            return {.fields = {{"ETag", "\"" + to_hex(as_view(md5(request.body))) + "\""}}};
        }
        const auto found = objects_.find(request.target);
        if (found == objects_.end()) return {.status = 404};
        return {.fields = {{"ETag", "\"e\""}}, .body = found->second};
    }

private:
    std::map<std::string, std::string> objects_;  // the server's lock guards it
};

TEST(S3StoreConcurrency, ManyContextsPutAndGetThroughOneStore) {
    Objects objects;
    const ScriptedServer server([&objects](const ScriptedRequest& request, int number) {
        return objects.answer(request, number);
    });
    S3Options options;
    options.endpoint = server.url();
    options.credentials.access_key_id = "AKIAEXAMPLE";
    options.credentials.secret_access_key = Secret("secret");
    options.retry.delay_first = std::chrono::milliseconds(1);
    options.retry.retries_max = 20;
    options.upload_memory_bytes = 200'000;
    Workers workers(2);
    const SystemClock clock;
    S3Store store(options, workers, clock);
    std::atomic<int> wrong = 0;

    const auto work = [&store, &wrong](int context, int lane) -> Task<void> {
        for (int i = 0; i < 4; ++i) {
            const Address address{"s3://bucket", std::to_string(context * 1000 + lane * 100 + i)};
            const std::string bytes = pattern(static_cast<std::size_t>(i) * 30'000 + 1, 3);
            const auto body = source_of(bytes);
            // A body that finds no memory is sent once, and may meet the failing store.
            bool put = false;
            try {
                co_await store.put(address, *body, true);
                put = true;
            } catch (const Error&) {
            }
            const std::string found = co_await read_object(store, address, std::nullopt);
            if (put && found != bytes) ++wrong;
        }
    };
    std::vector<std::thread> contexts;
    for (int context = 0; context < 4; ++context) {
        contexts.emplace_back([&work, context] {
            std::vector<std::function<Task<void>()>> tasks;
            for (int lane = 0; lane < 4; ++lane) {
                tasks.emplace_back([&work, context, lane] { return work(context, lane); });
            }
            await(run_all(std::move(tasks), 4));
        });
    }
    for (std::thread& context : contexts) context.join();

    EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace tarn::block
