#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "blob/view.hpp"

namespace pfs {

/// Writes [offset, offset + length) of the blob as BLOB.md fills it: header, L1, L2, zero gaps, L3 words. Any range
/// whose ends are multiples of 8, in any order and by any number of threads: each byte depends on its place and `seed`.
void fill_piece(BlobView& view, uint64_t seed, uint64_t offset, uint64_t length) noexcept;

/// A file and the place that it takes in the blob.
struct PlacedFile {
  std::string path;
  uint64_t offset = 0;  ///< bytes from the blob's start
  uint64_t size = 0;    ///< bytes; an empty file takes no place
};

/// Lays files over L3 in the order given, before anything is allocated. Errors name the path: absent, not a regular
/// file, not readable, or too big, with the bytes that are missing and the blob.size that would hold all of `paths`.
Result<std::vector<PlacedFile>> place_files(const Layout& layout, std::span<const std::string> paths);

/// Reads those bytes of `files` that lie in [offset, offset + length) into the blob; `files` as place_files gave them.
/// Errors: a read that fails, a file that became shorter.
Result<void> load_piece(BlobView& view, std::span<const PlacedFile> files, uint64_t offset, uint64_t length);

}  // namespace pfs
