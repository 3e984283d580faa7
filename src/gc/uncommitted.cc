#include "gc/uncommitted.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"
#include "base/ids.h"
#include "gc/internal/parquet.h"
#include "gc/internal/places.h"
#include "versions/compare.h"

namespace tarn::gc {
namespace {

constexpr std::size_t group_bytes = 4 * 1024 * 1024;

// Where a call takes up what the one before left: at or after a path of a branch.
struct Mark {
    std::string branch;
    std::string path;
    std::string run_id;
    std::string key;  // of the file that was written last
};

[[noreturn]] void refuse_mark() {
    throw Error(Code::invalid_argument, "invalid continuation token", "bad_continuation");
}

std::string encode(const Mark& mark) {
    boost::json::object json;
    json["branch"] = mark.branch;
    // JSON holds no other text; the bytes go beside it.
    if (is_utf8(mark.path)) {
        json["path"] = mark.path;
    } else {
        json["path"] = "";
        json["path_base64"] = to_base64(mark.path);
    }
    json["run_id"] = mark.run_id;
    json["key"] = mark.key;
    return to_base64(boost::json::serialize(json));
}

std::string text_of(const boost::json::object& json, std::string_view name) {
    const auto* value = json.if_contains(name);
    if (value == nullptr || !value->is_string()) return {};
    return std::string(value->get_string());
}

Mark decode_mark(std::string_view token) {
    const auto bytes = from_base64(token);
    if (!bytes) refuse_mark();
    boost::system::error_code failure;
    const auto parsed = boost::json::parse(*bytes, failure);
    if (failure || !parsed.is_object()) refuse_mark();
    const auto& json = parsed.get_object();
    Mark mark{text_of(json, "branch"), text_of(json, "path"), text_of(json, "run_id"),
              text_of(json, "key")};
    const std::string raw_path = text_of(json, "path_base64");
    if (!raw_path.empty()) {
        const auto path = from_base64(raw_path);
        if (!path) refuse_mark();
        mark.path = *path;
    }
    if (mark.branch.empty() || !xid_time(mark.run_id)) refuse_mark();
    return mark;
}

class Preparation {
public:
    Preparation(catalog::Catalog& catalog, const refs::Repository& repository,
                UncommittedOptions options)
        : catalog_(catalog),
          repository_(repository),
          options_(options),
          begun_(catalog.stores().clock.now()),
          file_(std::min(group_bytes, options.file_bytes_max)) {
        std::string given = repository.storage_namespace;
        while (given.ends_with('/')) given.pop_back();
        std::string shown = catalog.blocks().show({repository.storage_namespace, "x"});
        shown.pop_back();
        homes_ = {given + "/", std::move(shown)};
    }

    // From the mark on; where to go on from, or nothing at the end.
    Task<std::optional<Mark>> run(Mark from) {
        std::string branch = from.branch;
        if (!branch.empty()) {
            auto stopped = co_await read_branch(branch, std::move(from.path));
            if (stopped) co_return stopped;
        }
        bool more = true;
        while (more) {
            const auto page =
                co_await catalog_.stores().refs.list_branches(repository_, "", branch, 100, true);
            for (const refs::Branch& next : page.items) {
                auto stopped = co_await read_branch(next.id, "");
                if (stopped) co_return stopped;
            }
            more = page.more && !page.items.empty();
            if (more) branch = page.items.back().id;
        }
        co_return std::nullopt;
    }

    AddressFile& file() { return file_; }

private:
    bool is_full() const {
        if (file_.rows() == 0) return false;  // every call comes further
        return file_.size() > options_.file_bytes_max ||
               catalog_.stores().clock.now() - begun_ > options_.time_max;
    }

    // What is uncommitted on a branch at or after `path`. Nothing when the branch has gone.
    Task<std::optional<Mark>> read_branch(std::string branch, std::string path) {
        versions::DiffQuery query;
        if (!path.empty()) {
            // A page begins behind a key; this one is asked for by itself.
            query.prefix = path;
            query.limit = 1;
            const auto page = co_await diff(branch, query);
            if (!page.items.empty() && page.items[0].key == path) add(page.items[0]);
            query = {.after = std::move(path)};
        }
        bool more = true;
        while (more) {
            const auto page = co_await diff(branch, query);
            for (const versions::DiffItem& item : page.items) {
                if (is_full()) co_return Mark{std::move(branch), item.key, "", ""};
                add(item);
            }
            more = page.more && !page.items.empty();
            if (more) query.after = page.items.back().key;
        }
        co_return std::nullopt;
    }

    Task<versions::DiffPage> diff(const std::string& branch, const versions::DiffQuery& query) {
        try {
            co_return co_await versions::diff_branch(catalog_.stores(), repository_, branch, query);
        } catch (const Error& error) {
            if (error.detail() != "no_such_branch") throw;
        }
        co_return versions::DiffPage{};
    }

    void add(const versions::DiffItem& item) {
        if (item.type == committed::DiffType::removed) return;
        const catalog::Entry entry = catalog::decode(item.right.data);
        std::string_view address = entry.address;
        if (!catalog_.address_of(repository_, entry).storage_namespace.empty()) {
            file_.add(address, unix_seconds(entry.modified));
            return;
        }
        for (const std::string& home : homes_) {
            if (!address.starts_with(home)) continue;
            address.remove_prefix(home.size());
            file_.add(address, unix_seconds(entry.modified));
            return;
        }
    }

    catalog::Catalog& catalog_;
    const refs::Repository& repository_;
    const UncommittedOptions options_;
    const Time begun_;
    std::vector<std::string> homes_;  // how addresses inside of the namespace begin
    AddressFile file_;
};

}  // namespace

Task<PreparedUncommitted> prepare_uncommitted(catalog::Catalog& catalog,
                                              refs::Repository repository, std::string continuation,
                                              UncommittedOptions options) {
    Mark from;
    if (!continuation.empty()) from = decode_mark(continuation);
    PreparedUncommitted prepared;
    const Time now = catalog.stores().clock.now();
    prepared.run_id =
        from.run_id.empty() ? new_descending_xid(now, Descending::from_year_4000) : from.run_id;
    std::string key = from.key;
    Preparation preparation(catalog, repository, options);
    auto stopped = co_await preparation.run(std::move(from));
    if (preparation.file().rows() > 0) {
        const std::string folder = fmt::format("uncommitted/{}/uncommitted", prepared.run_id);
        block::Address address =
            file_at(catalog, repository, fmt::format("{}/{}", folder, new_xid(now)));
        key = address.key;
        auto body = source_of(preparation.file().finish());
        co_await catalog.blocks().put(std::move(address), *body, false);
        prepared.location = folder_at(catalog, repository, folder);
    }
    if (stopped) {
        stopped->run_id = prepared.run_id;
        stopped->key = std::move(key);
        prepared.continuation = encode(*stopped);
    }
    co_return prepared;
}

}  // namespace tarn::gc
