#include "block/store.h"

#include <utility>

#include "base/error.h"

namespace tarn::block {

Task<void> Store::remove_all(std::string storage_namespace, std::vector<std::string> keys) {
    for (std::string& key : keys) {
        co_await remove({storage_namespace, std::move(key)});
    }
}

Task<std::string> Store::presign_part(Address, std::string, int, std::chrono::seconds) {
    throw Error(Code::unimplemented, "the " + properties().type + " store has no presigned urls");
    co_return std::string();
}

}  // namespace tarn::block
