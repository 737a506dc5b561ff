#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/descriptor.hpp"

namespace pfs {

/// A gram's pieces as encoding wants them, a stretch at a time: no piece is empty, pieces that touch are merged into
/// one, and none in the blob has 2^32 bytes or more, since EXTENTS cannot express such a length. The queue takes memory
/// once.
class PieceQueue {
 public:
  explicit PieceQueue(uint32_t capacity) : pieces_(std::make_unique<Descriptor[]>(capacity)), capacity_(capacity) {}

  /// Begins with another list, which must stay until the queue is empty or begins anew.
  void start(std::span<const Descriptor> pieces) noexcept;

  /// Fills up from the list and gives the pieces that are ready: as many as the capacity if more come behind them.
  std::span<const Descriptor> look() noexcept;

  /// True if look() gave all that is left.
  [[nodiscard]] bool all_seen() const noexcept { return source_.empty() && held_.length == 0; }

  /// Takes the first `count` away.
  void drop(uint32_t count) noexcept { first_ += count; }

 private:
  bool next(Descriptor& piece) noexcept;

  std::unique_ptr<Descriptor[]> pieces_;
  uint32_t capacity_;
  uint32_t first_ = 0;
  uint32_t end_ = 0;
  std::span<const Descriptor> source_;
  Descriptor held_ = blob_range(0, 0);  // a range taken from the list and merged, not yet given whole
  uint64_t slices_ = 0;                 // into which the held range has still to be cut
};

}  // namespace pfs
