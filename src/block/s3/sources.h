#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/stream.h"

namespace tarn::block {

// A body in memory that others hold too, so that it can be sent again.
class KeptBytes final : public ByteSource {
public:
    explicit KeptBytes(std::shared_ptr<const std::string> bytes) : bytes_(std::move(bytes)) {}

    Task<Slice> next() override;
    std::optional<std::uint64_t> size() const override { return bytes_->size(); }

private:
    const std::shared_ptr<const std::string> bytes_;
    std::size_t at_ = 0;
};

// Passes a body on and remembers whether any of it was asked for.
class OnceSource final : public ByteSource {
public:
    explicit OnceSource(ByteSource* inner) : inner_(inner) {}

    Task<Slice> next() override {
        begun_ = true;
        return inner_->next();
    }
    std::optional<std::uint64_t> size() const override { return inner_->size(); }
    bool begun() const { return begun_; }

private:
    ByteSource* const inner_;
    bool begun_ = false;
};

// Cuts a body into pieces that are held in memory whole.
class BodyCutter {
public:
    explicit BodyCutter(ByteSource& body) : body_(body) {}

    // Appends up to `bytes` more of the body; false when it has ended.
    Task<bool> fill(std::string& into, std::uint64_t bytes);
    // Whether anything is left; the end of the body has been seen when not.
    Task<bool> has_more();

private:
    ByteSource& body_;
    Slice rest_;
};

}  // namespace tarn::block
