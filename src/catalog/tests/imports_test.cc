#include "catalog/imports.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "base/error.h"
#include "catalog/internal/import_source.h"
#include "catalog/testing/opened_catalog.h"
#include "kv/store.h"

namespace tarn::catalog {
namespace {

TaskFailure describe(const Error& error) {
    return {400, error.detail().empty() ? error.message() : error.detail()};
}

class ImportsTest : public ::testing::Test {
protected:
    void put(const std::string& uri) {
        auto body = source_of("x" + uri);
        await(opened.blocks.put({"", uri}, *body, false));
    }

    static ImportPath prefix(std::string uri, std::string destination) {
        return {ImportPath::Kind::prefix, std::move(uri), std::move(destination)};
    }
    static ImportPath object(std::string uri, std::string destination) {
        return {ImportPath::Kind::object, std::move(uri), std::move(destination)};
    }

    std::string start(std::vector<ImportPath> paths) {
        ImportOrder order;
        order.branch = "main";
        order.paths = std::move(paths);
        order.committer = "me";
        return await(opened.catalog.imports().start(repository, std::move(order), describe));
    }

    ImportStatus status(const std::string& id) {
        const auto found = await(opened.catalog.imports().find(repository, id));
        return found.value_or(ImportStatus());
    }

    // How an import ended.
    ImportStatus run(std::vector<ImportPath> paths) {
        const std::string id = start(std::move(paths));
        ImportStatus now = status(id);
        while (!now.completed && now.error.empty()) {
            await(sleep_for(std::chrono::milliseconds(5)));
            now = status(id);
        }
        return now;
    }

    // "path=address ..." of a branch.
    std::string shown() {
        std::string text;
        const Listing listing = await(opened.catalog.list(repository, "main", {}));
        for (const Listed& item : listing.items) {
            text += (text.empty() ? "" : " ") + item.path + "=" + item.entry.address;
        }
        return text;
    }

    OpenedCatalog opened;
    refs::Repository repository = opened.create_repository("lake");
};

TEST_F(ImportsTest, BringObjectsUnderTheirDestination) {
    put("mem://src/data/a");
    put("mem://src/data/sub/b");
    put("mem://src/data-other");
    put("mem://src/single");

    const ImportStatus ended =
        run({prefix("mem://src/data/", "in"), object("mem://src/single", "one/name")});

    EXPECT_EQ(ended.error, "");
    EXPECT_TRUE(ended.completed);
    EXPECT_EQ(ended.progress, 3);
    ASSERT_TRUE(ended.commit);
    EXPECT_EQ(ended.tree_id, ended.commit->tree_id);
    EXPECT_EQ(shown(),
              "in/a=mem://src/data/a in/sub/b=mem://src/data/sub/b one/name=mem://src/single");
    const auto entry = await(opened.catalog.find(repository, "main", "in/a"));
    EXPECT_EQ(entry->address_type, AddressType::full);
    EXPECT_EQ(entry->content_type, "");
    EXPECT_EQ(entry->size_bytes, 17);
}

TEST_F(ImportsTest, CountNamesFromTheLastSlashOfThePrefix) {
    put("mem://src/data/part-1");
    put("mem://src/data/part-2");
    put("mem://src/data/whole");

    run({prefix("mem://src/data/part", "in/")});

    EXPECT_EQ(shown(), "in/part-1=mem://src/data/part-1 in/part-2=mem://src/data/part-2");
}

TEST_F(ImportsTest, OfEqualPathsTheLastSourceCounts) {
    for (const char* source : {"one", "two", "three"}) {
        for (int i = 10; i < 40; ++i) {
            put("mem://src/" + std::string(source) + "/" + std::to_string(i));
        }
    }

    const ImportStatus ended =
        run({prefix("mem://src/one/", ""), prefix("mem://src/three/", ""),
             prefix("mem://src/two/", ""), object("mem://src/one/15", "20")});

    EXPECT_EQ(ended.error, "");
    EXPECT_EQ(ended.progress, 30);
    const Listing listing = await(opened.catalog.list(repository, "main", {}));
    for (const Listed& item : listing.items) {
        EXPECT_EQ(item.entry.address,
                  item.path == "20" ? "mem://src/one/15" : "mem://src/two/" + item.path);
    }
}

TEST_F(ImportsTest, ReplaceWhatIsUnderTheirDestination) {
    put("mem://src/data/a");
    run({prefix("mem://src/data/", "in/")});
    await(opened.blocks.remove({"", "mem://src/data/a"}));
    put("mem://src/data/b");

    run({prefix("mem://src/data/", "in/")});

    EXPECT_EQ(shown(), "in/b=mem://src/data/b");
}

TEST_F(ImportsTest, OfNothingAreACommitToo) {
    const ImportStatus ended = run({});

    EXPECT_TRUE(ended.completed);
    EXPECT_EQ(ended.progress, 0);
    EXPECT_EQ(ended.commit->message, "Import objects");
}

TEST_F(ImportsTest, FailWhereAnObjectIsMissing) {
    const ImportStatus ended = run({object("mem://src/nosuch", "a")});

    EXPECT_FALSE(ended.completed);
    EXPECT_EQ(ended.error, "error on ingest: no_such_source");
}

TEST_F(ImportsTest, FailWhereAPathWouldBeTooLong) {
    put("mem://src/a");

    EXPECT_EQ(run({object("mem://src/a", std::string(1025, 'x'))}).error,
              "error on ingest: bad_path");
}

TEST_F(ImportsTest, FailWhileSomethingIsUncommitted) {
    Entry entry;
    entry.address = "data/x";
    await(opened.catalog.put(repository, "main", "staged", entry, {}, {}));
    put("mem://src/a");

    const ImportStatus ended = run({object("mem://src/a", "a")});

    EXPECT_EQ(ended.error, "merge import: dirty_branch");
    EXPECT_EQ(ended.tree_id, "");
    EXPECT_FALSE(ended.commit);
}

TEST_F(ImportsTest, KeepAddressesReadable) {
    const std::string folder = "mem://src/odd/";
    for (const char* name : {"a b", "a%20b", "a?b", "100%", "a#b"}) {
        const std::string uri = uri_in("mem://src/odd", name);
        auto body = source_of(std::string(name));
        await(opened.blocks.put({"mem://src/odd", name}, *body, false));
        const auto stat = await(opened.blocks.stat({"", uri}));
        ASSERT_TRUE(stat) << uri;
        EXPECT_EQ(stat->size_bytes, std::string_view(name).size());
    }

    run({prefix(folder, "")});

    const Listing listing = await(opened.catalog.list(repository, "main", {}));
    ASSERT_EQ(listing.items.size(), 5u);
    for (const Listed& item : listing.items) {
        auto found = await(opened.catalog.open(repository, item.entry, std::nullopt));
        EXPECT_EQ(await(read_all(*as_source(std::move(found.body)), 100)), item.path);
    }
}

TEST_F(ImportsTest, AreKnownByTheirIdInTheirRepository) {
    const std::string id = start({});
    const refs::Repository other = opened.create_repository("other");

    EXPECT_TRUE(await(opened.catalog.imports().find(repository, id)));
    EXPECT_FALSE(await(opened.catalog.imports().find(other, id)));
    EXPECT_FALSE(await(opened.catalog.imports().find(repository, "nosuch")));
    EXPECT_FALSE(await(opened.catalog.imports().cancel(repository, "nosuch")));
}

TEST_F(ImportsTest, CannotBeCanceledAfterTheyCompleted) {
    const ImportStatus ended = run({});

    try {
        await(opened.catalog.imports().cancel(repository, ended.id));
        ADD_FAILURE() << "a completed import was canceled";
    } catch (const Error& error) {
        EXPECT_EQ(error.detail(), "import_completed");
    }
}

TEST_F(ImportsTest, ThatFailedStayAsTheyAreWhenCanceled) {
    const ImportStatus ended = run({object("mem://src/nosuch", "a")});

    EXPECT_TRUE(await(opened.catalog.imports().cancel(repository, ended.id)));

    EXPECT_EQ(status(ended.id).error, ended.error);
}

// A row as a server leaves that ends in the middle of an import.
class LostImport : public ImportsTest {
protected:
    const std::string id = start({});
    std::string row() { return await(kv::find(opened.kv, key)).value_or(""); }
    const kv::Key key{repository.partition(), "imports/" + id};
};

TEST_F(LostImport, IsToldAfterTwoMinutes) {
    while (!status(id).completed) await(sleep_for(std::chrono::milliseconds(5)));
    const std::string begun = "\x0a\x14" + id;  // field 1, and no time at all
    await(kv::put(opened.kv, key, begun + std::string("\x1a\x06\x08\x80\xe2\xcf\xaa\x06", 8)));
    EXPECT_EQ(status(id).error, "");

    opened.clock.advance(std::chrono::seconds(121));

    EXPECT_EQ(status(id).error, "the server that ran it has gone");
    EXPECT_EQ(status(id).error, "the server that ran it has gone");
}

TEST_F(LostImport, IsForgottenAfterADay) {
    while (!status(id).completed) await(sleep_for(std::chrono::milliseconds(5)));
    opened.clock.advance(std::chrono::hours(23));
    await(opened.catalog.remove_old_records());
    EXPECT_NE(row(), "");

    opened.clock.advance(std::chrono::hours(2));
    await(opened.catalog.remove_old_records());

    EXPECT_EQ(row(), "");
}

// A store whose listings wait until they are let go on.
class HeldStore final : public block::Store {
public:
    explicit HeldStore(block::Store& inner) : inner_(inner) {}

    void release() {
        const std::lock_guard lock(mutex_);
        held_ = false;
        for (const Signal& waiter : waiters_) waiter.notify();
    }
    Signal listing;  // when the first one waits

    Task<block::ListPage> list(std::string ns, std::string prefix, std::string after,
                               int limit) override {
        std::optional<Signal> turn;
        {
            const std::lock_guard lock(mutex_);
            if (held_) turn = waiters_.emplace_back();
        }
        listing.notify();
        if (turn) co_await turn->wait();
        co_return co_await inner_.list(std::move(ns), std::move(prefix), std::move(after), limit);
    }
    const block::Properties& properties() const override { return inner_.properties(); }
    Task<block::Stat> put(block::Address a, ByteSource& b, bool f) override {
        return inner_.put(std::move(a), b, f);
    }
    Task<std::optional<block::Opened>> open(block::Address a,
                                            std::optional<block::Range> r) override {
        return inner_.open(std::move(a), r);
    }
    Task<std::optional<block::Stat>> stat(block::Address a) override {
        return inner_.stat(std::move(a));
    }
    Task<void> remove(block::Address a) override { return inner_.remove(std::move(a)); }
    Task<block::Stat> copy(block::Address a, block::Address b) override {
        return inner_.copy(std::move(a), std::move(b));
    }
    Task<std::string> begin_upload(block::Address a) override {
        return inner_.begin_upload(std::move(a));
    }
    Task<block::Part> put_part(block::Address a, std::string u, int n, ByteSource& b) override {
        return inner_.put_part(std::move(a), std::move(u), n, b);
    }
    Task<block::Part> copy_part(block::Address a, std::string u, int n, block::Address f,
                                std::optional<block::Range> r) override {
        return inner_.copy_part(std::move(a), std::move(u), n, std::move(f), r);
    }
    Task<block::PartPage> list_parts(block::Address a, std::string u, int after, int l) override {
        return inner_.list_parts(std::move(a), std::move(u), after, l);
    }
    Task<block::Completed> complete_upload(block::Address a, std::string u,
                                           std::vector<block::Part> p) override {
        return inner_.complete_upload(std::move(a), std::move(u), std::move(p));
    }
    Task<void> abort_upload(block::Address a, std::string u) override {
        return inner_.abort_upload(std::move(a), std::move(u));
    }
    Task<std::string> presign(block::Address a, bool w, std::chrono::seconds l) override {
        return inner_.presign(std::move(a), w, l);
    }
    std::string show(const block::Address& a) const override { return inner_.show(a); }

private:
    block::Store& inner_;
    std::mutex mutex_;
    bool held_ = true;
    std::vector<Signal> waiters_;
};

class RunningImport : public ImportsTest {
protected:
    std::string begin() {
        put("mem://src/a");
        ImportOrder order;
        order.branch = "main";
        order.paths = {prefix("mem://src/", "")};
        const std::string id =
            await(catalog->imports().start(repository, std::move(order), describe));
        await(store.listing.wait());
        return id;
    }

    HeldStore store{opened.blocks};
    std::unique_ptr<Catalog> catalog =
        std::make_unique<Catalog>(opened.stores, store, CatalogOptions{.background_jobs_max = 1});
};

TEST_F(RunningImport, EndsWithoutACommitWhenItIsCanceled) {
    const std::string id = begin();

    EXPECT_TRUE(await(catalog->imports().cancel(repository, id)));

    EXPECT_EQ(status(id).error, "Canceled");
    store.release();
    catalog.reset();  // waits for the job
    EXPECT_EQ(status(id).error, "Canceled");
    EXPECT_FALSE(status(id).completed);
    EXPECT_EQ(shown(), "");
}

TEST_F(RunningImport, IsTheOnlyOneWhereOneMayRun) {
    begin();

    try {
        await(catalog->imports().start(repository, {}, describe));
        ADD_FAILURE() << "a second import was started";
    } catch (const Error& error) {
        EXPECT_EQ(error.detail(), "heavy_jobs");
    }

    store.release();
}

TEST_F(RunningImport, SaysThatItsServerWasStopped) {
    for (int i = 0; i < 5; ++i) put("mem://src/b" + std::to_string(i));
    const std::string id = begin();
    std::thread stopping([this] { catalog->background().stop(); });
    while (!catalog->background().stopping()) std::this_thread::yield();

    store.release();
    stopping.join();

    EXPECT_EQ(status(id).error, "error on ingest: stopping");
}

}  // namespace
}  // namespace tarn::catalog
