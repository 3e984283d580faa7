// What a durable small object costs in the local store, beside a bare program that makes the same
// calls of the file system in the same groups.
//
//     local_store_bench FOLDER [OBJECTS]
//
// Prints CPU per object (user and system, of this process) at 16 and 64 clients. Nothing is deleted
// before the very end, and every run has a new folder: after deletions ext4 is slower for a minute.

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/signal.h"
#include "base/testing/await.h"
#include "base/workers.h"
#include "block/local/local_store.h"

namespace {

namespace fs = std::filesystem;
using tarn::Task;

constexpr std::size_t object_bytes = 4096;

double cpu_us() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto us = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
    };
    return us(usage.ru_utime) + us(usage.ru_stime);
}

struct Cost {
    double cpu_us_per_object = 0;
    double objects_per_second = 0;
};

Cost measure(int objects, const std::function<void()>& run) {
    const auto started = std::chrono::steady_clock::now();
    const double cpu_before = cpu_us();
    run();
    const double cpu = cpu_us() - cpu_before;
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    return {cpu / objects, objects / took.count()};
}

void create_object(int folder, const std::string& path, const std::string& bytes) {
    const int file = ::openat(folder, path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    CHECK(file >= 0, "a file can be created");
    CHECK(::pwrite(file, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()),
          "a file can be written");
    struct stat facts = {};
    CHECK(::fstat(file, &facts) == 0, "a file can be examined");
    ::close(file);
}

void run_bare(const fs::path& root, int clients, int objects) {
    fs::create_directories(root / "lake/data/p");
    const int folder = ::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::string bytes(object_bytes, 'x');
    for (int done = 0; done < objects; done += clients) {
        for (int i = done; i < done + clients; ++i) {
            create_object(folder, "lake/data/p/" + std::to_string(i), bytes);
        }
        CHECK(::syncfs(folder) == 0, "a file system can be synced");
    }
    ::close(folder);
}

Task<void> put_some(tarn::block::Store& store, int client, int count) {
    const std::string bytes(object_bytes, 'x');
    for (int i = 0; i < count; ++i) {
        const auto body = tarn::source_of(bytes);
        tarn::block::Address address{"local://lake", fmt::format("data/p/{}-{}", client, i)};
        co_await store.put(std::move(address), *body, true);
    }
}

void run_store(tarn::block::Store& store, int clients, int objects) {
    std::vector<std::function<Task<void>()>> tasks;
    for (int client = 0; client < clients; ++client) {
        tasks.push_back([&store, client, clients, objects] {
            return put_some(store, client, objects / clients);
        });
    }
    tarn::await(tarn::run_all(std::move(tasks), clients));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        fmt::print(stderr, "usage: local_store_bench FOLDER [OBJECTS]\n");
        return EXIT_FAILURE;
    }
    const fs::path top = fs::path(argv[1]) / fmt::format("local_store_bench.{}", ::getpid());
    const int objects = argc > 2 ? std::atoi(argv[2]) : 16'384;
    tarn::Workers workers(2);
    int number = 0;
    for (int pass = 1; pass <= 3; ++pass) {
        for (const int clients : {16, 64}) {
            const fs::path bare_root = top / std::to_string(number++);
            const Cost bare = measure(objects, [&] { run_bare(bare_root, clients, objects); });
            const fs::path store_root = top / std::to_string(number++);
            fs::create_directories(store_root);
            tarn::block::LocalOptions options;
            options.root = store_root;
            tarn::block::LocalStore store(options, workers);
            const Cost cost = measure(objects, [&] { run_store(store, clients, objects); });
            fmt::print("{} clients: bare {:.1f} us, {:.0f}/s; store {:.1f} us, {:.0f}/s\n", clients,
                       bare.cpu_us_per_object, bare.objects_per_second, cost.cpu_us_per_object,
                       cost.objects_per_second);
        }
    }
    fs::remove_all(top);
    return EXIT_SUCCESS;
}
