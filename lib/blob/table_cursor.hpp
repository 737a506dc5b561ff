#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/descriptor.hpp"

namespace pfs {

/// The bytes that a range counts beside its own where work is cut into slices, because getting to a range takes time.
constexpr uint64_t kRangeCost = 16;

/// The place that work on a long table has come to, where it stops and from where it goes on. The table stays where it
/// is meanwhile.
class TableCursor {
 public:
  TableCursor() = default;
  explicit TableCursor(std::span<const Descriptor> table) noexcept : left_(table) {}

  [[nodiscard]] bool done() const noexcept { return left_.empty(); }
  /// The ranges from the cursor on. The first one counts from its byte taken() on.
  [[nodiscard]] std::span<const Descriptor> left() const noexcept { return left_; }
  [[nodiscard]] uint64_t taken() const noexcept { return taken_; }

  /// Goes on and gives the ranges that it went over: as many whole ranges as make up at most `bytes` bytes, and at most
  /// `ranges` of them. Where the first is longer, `piece` becomes that much of it. The answer is empty behind the last
  /// range. `bytes` and `ranges` are not 0.
  std::span<const Descriptor> next(uint64_t bytes, size_t ranges, Descriptor& piece) noexcept {
    size_t count = 0;
    if (taken_ == 0) {
      uint64_t sum = 0;
      while (count < left_.size() && count < ranges && sum + left_[count].length <= bytes) sum += left_[count++].length;
    }
    if (count == 0) return left_.empty() ? left_ : part(bytes, piece);
    const std::span<const Descriptor> whole = left_.first(count);
    left_ = left_.subspan(count);
    return whole;
  }

  /// The same for a slice of work over about `bytes` bytes, of which each range counts kRangeCost more than it has.
  std::span<const Descriptor> slice(uint64_t bytes, Descriptor& piece) noexcept {
    return next(bytes, bytes < kRangeCost ? 1 : bytes / kRangeCost, piece);
  }

  /// Goes on by `bytes` bytes, however many ranges these are. The table has as many left.
  void skip(uint64_t bytes) noexcept {
    while (bytes > 0 && bytes >= left_[0].length - taken_) {
      bytes -= left_[0].length - taken_;
      left_ = left_.subspan(1);
      taken_ = 0;
    }
    taken_ += bytes;
  }

 private:
  std::span<const Descriptor> part(uint64_t bytes, Descriptor& piece) noexcept {
    const Descriptor& range = left_[0];
    if (bytes > range.length - taken_) bytes = range.length - taken_;
    // Field by field: GCC copies a whole one by a vector register, whose upper part waits for what ISA-L computes in
    // that register, and the loads of the piece wait for the copy.
    piece.offset = range.offset + taken_;
    piece.length = bytes;
    piece.space = range.space;
    skip(bytes);
    return {&piece, 1};
  }

  std::span<const Descriptor> left_;
  uint64_t taken_ = 0;  // bytes of left_[0]
};

}  // namespace pfs
