#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "blob/view.hpp"

namespace pfs {

/// Writes [offset, offset + length) of the blob as BLOB.md fills it: header, L1, L2, zero gaps, L3 words. The
/// ends are multiples of 8. Ranges may be filled in any order and by any number of threads, because each byte depends
/// on its place and `seed` alone.
void fill_piece(BlobView& view, uint64_t seed, uint64_t offset, uint64_t length) noexcept;

/// A file and the place that it takes in the blob.
struct PlacedFile {
  std::string path;
  uint64_t offset = 0;  ///< bytes from the blob's start
  uint64_t size = 0;    ///< bytes; an empty file takes no place
};

/// Lays files over L3 in the order given, before anything is allocated. Errors name the path of a file that is
/// absent, not regular, not readable, or too big; the last one gives the blob.size that would hold all of `paths`.
Result<std::vector<PlacedFile>> place_files(const Layout& layout, std::span<const std::string> paths);

/// Reads those bytes of `files` that lie in [offset, offset + length) into the blob; `files` are as place_files() gave
/// them. Error if a read fails or a file has become shorter.
Result<void> load_piece(BlobView& view, std::span<const PlacedFile> files, uint64_t offset, uint64_t length);

}  // namespace pfs
