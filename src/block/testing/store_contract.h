#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "block/store.h"

namespace tarn::block {

// A driver under test, with whatever it needs kept alive.
class OpenedStore {
public:
    virtual ~OpenedStore() = default;
    virtual Store& store() = 0;
    // A namespace of this driver that holds nothing.
    virtual std::string storage_namespace() const = 0;
    // Whether keys may be bytes that are no UTF-8.
    virtual bool takes_any_byte() const { return true; }
    // How far the times that a put and a later look tell may lie apart.
    virtual std::chrono::nanoseconds modified_tolerance() const { return {}; }
};

using OpenStore = std::function<std::unique_ptr<OpenedStore>()>;

// What every driver must do. A driver's own test file instantiates it with a way to open one.
class StoreContract : public ::testing::TestWithParam<OpenStore> {
protected:
    const std::unique_ptr<OpenedStore> opened_ = GetParam()();
    Store& store_ = opened_->store();

    Address at(std::string key) const { return {opened_->storage_namespace(), std::move(key)}; }
    Stat put(std::string key, std::string bytes, bool fresh = false);
    // The bytes of an object, or "(absent)".
    std::string get(std::string key, std::optional<Range> range = std::nullopt);
    Part put_part(const Address& address, const std::string& upload, int number, std::string bytes);
    bool is_same_time(Time left, Time right) const;
    std::vector<std::string> keys(std::string prefix, std::string after, int limit);
};

// The bytes of an object, or "(absent)".
Task<std::string> read_object(Store& store, Address address, std::optional<Range> range);

// `size` bytes that differ from block to block and from `seed` to `seed`.
std::string pattern(std::size_t size, unsigned seed);

// A body in pieces of `piece` bytes, of unknown length where `sized` is false; throws
// invalid_argument after `fail_after` bytes.
std::unique_ptr<ByteSource> pieces_of(std::string bytes, std::size_t piece, bool sized,
                                      std::size_t fail_after = std::string::npos);

}  // namespace tarn::block
