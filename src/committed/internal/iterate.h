#pragma once

#include <memory>

#include "committed/internal/tables.h"
#include "committed/trees.h"

namespace tarn::committed {

std::unique_ptr<Iterator> make_iterator(Tables& tables, Tree tree);

}  // namespace tarn::committed
