#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/descriptor.hpp"
#include "blob/index.hpp"
#include "blob/view.hpp"

namespace pfs {

/// Turns bytes of a file into pieces: ranges of the blob that equal them, and literals for the rest. The
/// 64-byte blocks are counted from the buffer's first byte, so a buffer begins at a multiple of 64 of the file. A match
/// is first looked for where the last one ended (literals in between counted), which makes one long comparison of a
/// file that lies in the blob; then in the index. One thread uses an object at a time; several objects may share an
/// index.
class FileDenoter {
 public:
  FileDenoter(const BlobView& blob, const BlockIndex& index) noexcept;

  /// Appends pieces of `bytes` to `out` until all are denoted or `out` is full; returns how many bytes were denoted.
  /// Concatenated, the pieces are exactly those bytes. Adjacent pieces of one space are one piece, also with a
  /// piece that stood in `out` before, so another buffer needs an empty table. A literal's offset counts from
  /// `bytes.data()`. If fewer than all bytes were denoted, their number is a multiple of 64: the caller goes on with
  /// the rest and a new table.
  size_t denote(std::span<const uint8_t> bytes, DescriptorTable& out) noexcept;

  [[nodiscard]] uint64_t bytes_referenced() const noexcept { return referenced_; }
  [[nodiscard]] uint64_t bytes_literal() const noexcept { return literal_; }

 private:
  static constexpr size_t kAhead = 16;  ///< blocks hashed and prefetched ahead while nothing matches

  size_t extend(std::span<const uint8_t> rest) const noexcept;
  bool look_up(std::span<const uint8_t> bytes, size_t at) noexcept;

  const BlobView blob_;
  const BlockIndex& index_;
  uint64_t next_ = 0;  ///< the place in the blob where the file may go on; 0 before the first match
  uint64_t referenced_ = 0;
  uint64_t literal_ = 0;
  std::array<uint64_t, kAhead> hashes_{};  ///< of the blocks from hashed_begin_ to hashed_end_ of the current buffer
  size_t hashed_begin_ = 0;                ///< bytes
  size_t hashed_end_ = 0;
};

}  // namespace pfs
