#include "catalog/catalog.h"

#include <fmt/format.h>

#include <utility>

#include "base/error.h"
#include "catalog/addresses.h"
#include "catalog/internal/state.h"

namespace tarn::catalog {

namespace {

constexpr std::size_t path_bytes_max = 1024;

void require_path(std::string_view path) {
    if (path.empty())
        throw Error(Code::invalid_argument, "an object's path must not be empty", "bad_path");
    if (path.size() > path_bytes_max) {
        throw Error(
            Code::invalid_argument,
            fmt::format("an object's path has {} bytes, more than {}", path.size(), path_bytes_max),
            "bad_path");
    }
}

[[noreturn]] void no_such_object(std::string_view path) {
    throw Error(Code::not_found, fmt::format("object '{}' not found", path), "no_such_object");
}

}  // namespace

Catalog::Catalog(versions::Stores& stores, block::Store& blocks, CatalogOptions options)
    : state_(std::make_unique<State>(stores, blocks, std::move(options))) {}

Catalog::~Catalog() {
    state_->background.stop();
}

Task<std::optional<Entry>> Catalog::find(refs::Repository repository, std::string ref,
                                         std::string path) {
    require_path(path);
    const auto value = co_await versions::get(state_->stores, std::move(repository), std::move(ref),
                                              std::move(path));
    if (!value) co_return std::nullopt;
    co_return decode(value->data);
}

Task<Listing> Catalog::list(refs::Repository repository, std::string ref,
                            versions::ListQuery query) {
    versions::ListPage page = co_await versions::list(state_->stores, std::move(repository),
                                                      std::move(ref), std::move(query));
    Listing listing;
    listing.more = page.more;
    listing.items.reserve(page.items.size());
    for (versions::ListItem& item : page.items) {
        Listed& listed = listing.items.emplace_back();
        listed.path = std::move(item.key);
        listed.is_prefix = item.is_prefix;
        if (!item.is_prefix) listed.entry = decode(item.data);
    }
    co_return listing;
}

Task<Uploaded> Catalog::upload(refs::Repository repository, ByteSource& body) {
    std::string address = state_->addresses.next();
    block::Address place{repository.storage_namespace, address};
    const block::Stat stat = co_await state_->blocks.put(std::move(place), body, true);
    co_return Uploaded{std::move(address), stat};
}

Task<bool> Catalog::put(refs::Repository repository, std::string branch, std::string path,
                        Entry entry, EntryCondition condition, versions::WriteOptions options) {
    require_path(path);
    versions::Value value = encode(entry);
    if (!condition) {
        co_await versions::put(state_->stores, std::move(repository), std::move(branch),
                               std::move(path), std::move(value), options);
        co_return true;
    }
    versions::ChangeValue change =
        [&](const std::optional<versions::Value>& current) -> std::optional<versions::Value> {
        std::optional<Entry> now;
        if (current) now = decode(current->data);
        if (!condition(now)) return std::nullopt;
        return value;
    };
    co_return co_await versions::update(state_->stores, std::move(repository), std::move(branch),
                                        std::move(path), std::move(change), options);
}

Task<Entry> Catalog::update(refs::Repository repository, std::string branch, std::string path,
                            std::function<void(Entry&)> change, versions::WriteOptions options) {
    require_path(path);
    Entry changed;
    versions::ChangeValue change_value =
        [&](const std::optional<versions::Value>& current) -> std::optional<versions::Value> {
        if (!current) return std::nullopt;
        changed = decode(current->data);
        change(changed);
        return encode(changed);
    };
    const std::string name = path;
    const bool found =
        co_await versions::update(state_->stores, std::move(repository), std::move(branch),
                                  std::move(path), std::move(change_value), options);
    if (!found) no_such_object(name);
    co_return changed;
}

Task<void> Catalog::remove(refs::Repository repository, std::string branch, std::string path,
                           versions::WriteOptions options) {
    require_path(path);
    co_await versions::remove(state_->stores, std::move(repository), std::move(branch),
                              std::move(path), options);
}

Task<bool> Catalog::remove_if(refs::Repository repository, std::string branch, std::string path,
                              EntryCondition condition, versions::WriteOptions options) {
    require_path(path);
    bool accepted = true;
    versions::ChangeValue change =
        [&](const std::optional<versions::Value>& current) -> std::optional<versions::Value> {
        std::optional<Entry> now;
        if (current) now = decode(current->data);
        accepted = condition(now);
        if (!accepted || !current) return std::nullopt;
        return versions::Value();
    };
    co_await versions::update(state_->stores, std::move(repository), std::move(branch),
                              std::move(path), std::move(change), options);
    co_return accepted;
}

Task<void> Catalog::remove_many(refs::Repository repository, std::string branch,
                                std::vector<std::string> paths, versions::WriteOptions options) {
    for (const std::string& path : paths) require_path(path);
    co_await versions::remove_many(state_->stores, std::move(repository), std::move(branch),
                                   std::move(paths), options);
}

Task<void> Catalog::copy_bytes(block::Address from, block::Address to) {
    try {
        co_await state_->blocks.copy(std::move(from), std::move(to));
    } catch (const Error& error) {
        if (error.code() != Code::not_found) throw;
        throw Error(Code::gone, error.message(), "no_such_object");
    }
}

Task<Entry> Catalog::copy(CopyRequest request) {
    require_path(request.path);
    const std::string name = request.from_path;
    const auto source = co_await find(request.from_repository, request.from_ref, request.from_path);
    if (!source) no_such_object(name);
    Entry entry = *source;
    entry.address = state_->addresses.next();
    entry.address_type = AddressType::relative;
    block::Address from = catalog::address_of(request.from_repository, *source);
    block::Address to{request.repository.storage_namespace, entry.address};
    co_await copy_bytes(std::move(from), std::move(to));
    entry.modified = state_->stores.clock.now();
    if (request.metadata) entry.metadata = std::move(*request.metadata);
    if (request.content_type) entry.content_type = std::move(*request.content_type);
    co_await put(std::move(request.repository), std::move(request.branch), std::move(request.path),
                 entry, EntryCondition(), request.options);
    co_return entry;
}

Task<block::Opened> Catalog::open(refs::Repository repository, Entry entry,
                                  std::optional<block::Range> range) {
    block::Address place = catalog::address_of(repository, entry);
    auto opened = co_await state_->blocks.open(std::move(place), range);
    if (!opened) {
        throw Error(
            Code::gone,
            fmt::format("the bytes of the object are not in the object store: {}", entry.address),
            "no_such_object");
    }
    co_return std::move(*opened);
}

block::Address Catalog::address_of(const refs::Repository& repository, const Entry& entry) const {
    return catalog::address_of(repository, entry);
}

std::string Catalog::show_address(const refs::Repository& repository, const Entry& entry) const {
    return state_->blocks.show(catalog::address_of(repository, entry));
}

std::string Catalog::new_address() {
    return state_->addresses.next();
}

std::pair<std::string, AddressType> Catalog::stored_address(
    const refs::Repository& repository, std::string_view physical_address) const {
    return catalog::stored_address(state_->blocks, repository, physical_address);
}

std::string Catalog::sign_address(const refs::Repository& repository, std::string_view branch,
                                  std::string_view path, std::string_view address) const {
    return catalog::sign_address(state_->options.signing_secret, repository, branch, path, address);
}

void Catalog::verify_signed_address(const refs::Repository& repository, std::string_view branch,
                                    std::string_view path, std::string_view signed_address) const {
    catalog::verify_signed_address(state_->options.signing_secret, repository, branch, path,
                                   signed_address, state_->stores.clock.now());
}

versions::Stores& Catalog::stores() {
    return state_->stores;
}

block::Store& Catalog::blocks() {
    return state_->blocks;
}

}  // namespace tarn::catalog
