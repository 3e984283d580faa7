#pragma once

#include <filesystem>

namespace rocksdb {
class FileSystem;
}

namespace tarn::kv::rocks {

inline constexpr int format_version = 1;
inline constexpr const char* format_marker_name = "TARN_KV_FORMAT";

// Makes sure that the folder is ours to open, before anything opens it: an empty or missing folder
// gets its marker (durably, the folder's own name included), a marked one is accepted up to our
// version. Errors  invalid_argument: something else lives there, such as lakeFS's Badger files;
// nothing has been
//         written then. unimplemented: a newer Tarn wrote it. corrupted: the marker cannot be read.
//         unavailable: the file system refused.
void claim_folder(rocksdb::FileSystem& files, const std::filesystem::path& folder);

// Writes the marker into a folder that is known to be ours, durably.
void write_marker(rocksdb::FileSystem& files, const std::filesystem::path& folder);

// Makes the names in a folder durable.
void sync_folder(rocksdb::FileSystem& files, const std::filesystem::path& folder);

}  // namespace tarn::kv::rocks
