#include "committed/internal/iterate.h"

#include <optional>
#include <utility>

#include "committed/internal/record_cursor.h"
#include "committed/internal/tree_cursor.h"

namespace tarn::committed {
namespace {

// A tree cursor that enters every range.
class TreeIterator final : public Iterator {
public:
    TreeIterator(Tables& tables, Tree tree) : cursor_(tables, std::move(tree), Reading::sparse) {}

    Task<bool> seek(std::string_view key) override {
        co_await cursor_.seek(key);
        while (cursor_.at_header()) co_await cursor_.next();
        co_return cursor_.at_record();
    }

    bool step() override { return cursor_.step(); }

    Task<bool> cross() override {
        if (cursor_.at_end()) co_return false;
        co_await cursor_.next();
        while (cursor_.at_header()) co_await cursor_.next();
        co_return cursor_.at_record();
    }

    RecordView record() const override { return cursor_.record(); }

private:
    TreeCursor cursor_;
};

}  // namespace

std::unique_ptr<Iterator> make_iterator(Tables& tables, Tree tree) {
    return std::make_unique<TreeIterator>(tables, std::move(tree));
}

}  // namespace tarn::committed
