#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/descriptor.hpp"
#include "blob/view.hpp"
#include "reduce/encode.hpp"
#include "reduce/matcher.hpp"

namespace pfs::reduce {

/// Turns bytes of a file into what a GramBuilder takes, as FileDenoter does with blocks of 64, but finds what the blob
/// holds wherever it stands. One thread uses an object at a time; several may share blob and index. Takes its memory
/// once.
class FileReducer {
 public:
  /// `bytes_most`: of one call. `costs` are those of the wire that the pieces will go by.
  FileReducer(const BlobView& blob, const ChunkIndex& index, const Chunker& chunker, size_t bytes_most,
              const WireCosts& costs = {});

  /// The most descriptors that so many bytes can take.
  static constexpr size_t descriptors_most(size_t bytes) noexcept { return bytes / 12 + bytes / (64 << 10) + 4; }

  /// Appends pieces that denote just `bytes` to `out`, which has room for descriptors_most() more. A literal's offset
  /// counts from `bytes.data()`. Calls follow each other as the file's parts do.
  void denote(std::span<const uint8_t> bytes, DescriptorTable& out) noexcept;

  /// Another file begins.
  void restart() noexcept { matcher_.restart(); }

  [[nodiscard]] uint64_t bytes_referenced() const noexcept { return referenced_; }
  [[nodiscard]] uint64_t bytes_literal() const noexcept { return literal_; }

 private:
  Layout layout_;
  WireCosts costs_;
  Matcher matcher_;
  std::vector<Piece> pieces_;
  uint64_t referenced_ = 0;  // zeros among them
  uint64_t literal_ = 0;
};

}  // namespace pfs::reduce
