#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::gc {

// A Parquet file of addresses and dates: the columns physical_address (UTF-8) and creation_date
// (seconds since 1970), plain, compressed with GZIP.
// Limits  Rows are held uncompressed up to `group_bytes` of addresses, then as a row group.
// Source  parquet.apache.org/docs/file-format
class AddressFile {
public:
    explicit AddressFile(std::size_t group_bytes);

    void add(std::string_view address, std::int64_t created);
    std::int64_t rows() const { return rows_ + group_rows_; }
    // Of the file as far as it is compressed.
    std::size_t size() const { return bytes_.size(); }
    // The whole file; nothing may be added after that.
    std::string finish();

private:
    struct Chunk {
        std::size_t offset = 0;
        std::size_t bytes = 0;         // with the page's header
        std::size_t bytes_before = 0;  // before compression, with the page's header
    };
    struct Group {
        std::int64_t rows = 0;
        Chunk addresses;
        Chunk dates;
    };

    void close_group();
    Chunk write_page(const std::string& values);
    std::string footer() const;

    const std::size_t group_bytes_;
    std::string bytes_ = "PAR1";
    std::vector<Group> groups_;
    std::int64_t rows_ = 0;  // in closed groups
    std::int64_t group_rows_ = 0;
    std::string addresses_;
    std::string dates_;
};

}  // namespace tarn::gc
