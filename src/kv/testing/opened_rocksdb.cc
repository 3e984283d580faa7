#include "kv/testing/opened_rocksdb.h"

#include "kv/testing/power_loss_file_system.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
// Debian's RocksDB is built without the sanitizer, which therefore sees its memory but not its
// atomics. Whatever tests a RocksDB store under it links this file.
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
    return "race:librocksdb.so";
}
#endif
#endif

namespace tarn::kv {

void Gate::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
}

void Gate::open() {
    const std::lock_guard lock(mutex_);
    closed_ = false;
    opened_.notify_all();
}

void Gate::pass() {
    std::unique_lock lock(mutex_);
    opened_.wait(lock, [this] { return !closed_; });
}

OpenedRocksdb::OpenedRocksdb(const RocksdbOptions& given, const RocksdbSeams& given_seams)
    : options(given), seams(given_seams) {
    options.folder = folder.path() / "kv";
    options.memory_bytes = 4 * 1024 * 1024;
    seams.before_batch = [this] { gate.pass(); };
    store = std::make_unique<RocksdbStore>(options, workers, seams);
}

OpenedRocksdb::~OpenedRocksdb() {
    gate.open();
}

void OpenedRocksdb::reopen() {
    store.reset();
    store = std::make_unique<RocksdbStore>(options, workers, seams);
}

OpenedStore open_rocksdb(const ContractLimits& limits) {
    RocksdbOptions options;
    options.request_timeout = limits.request_timeout;
    options.queue_operations_max = limits.queue_operations_max;
    // Files that forget are only told to fail; the folder above them is the one they know.
    struct Opened {
        explicit Opened(const RocksdbOptions& given)
            : files(std::make_shared<PowerLossFileSystem>(root.path(), 0)),
              rocksdb(given, seams()) {}
        RocksdbSeams seams() const {
            RocksdbSeams out;
            out.file_system = files;
            return out;
        }
        TemporaryFolder root;
        std::shared_ptr<PowerLossFileSystem> files;
        OpenedRocksdb rocksdb;
    };
    const auto opened = std::make_shared<Opened>(options);
    return {std::shared_ptr<Store>(opened, opened->rocksdb.store.get()),
            [opened] { opened->rocksdb.gate.close(); }, [opened] { opened->rocksdb.gate.open(); },
            [opened] { opened->files->fail(SyncSite::log_contents); }};
}

}  // namespace tarn::kv
