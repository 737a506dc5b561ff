#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "wire/codec/unpack/unpack.hpp"
#include "wire/unit.hpp"

namespace pfs {

/// The fields of an EXTENTS unit over a growing list of ranges. The widths follow from the extremes, so that adding one
/// more range and asking for the unit's size take constant time.
class ExtentsShape {
 public:
  /// Adds a range; `length` is from 1 to 2^32 - 1.
  void add(uint64_t offset, uint64_t length) noexcept {
    if (count_ == 0) {
      base_ = offset;
      shortest_ = longest_ = length;
    } else {
      const auto delta = static_cast<int64_t>(offset - end_);
      step_ = count_ == 1 ? delta : std::min(step_, delta);
      widest_ = count_ == 1 ? delta : std::max(widest_, delta);
      shortest_ = std::min(shortest_, length);
      longest_ = std::max(longest_, length);
    }
    end_ = offset + length;
    ++count_;
  }

  /// Adds `more` further ranges of `length` bytes, each starting where the one before it ended.
  void add_adjacent(uint64_t more, uint64_t length) noexcept {
    if (more == 0) return;
    add(end_, length);
    count_ += static_cast<uint32_t>(more - 1);
    end_ += (more - 1) * length;
  }

  [[nodiscard]] uint32_t count() const noexcept { return count_; }
  [[nodiscard]] uint64_t base() const noexcept { return base_; }
  [[nodiscard]] uint64_t step() const noexcept { return static_cast<uint64_t>(step_); }
  [[nodiscard]] uint32_t shortest() const noexcept { return static_cast<uint32_t>(shortest_); }
  [[nodiscard]] uint32_t offset_bits() const noexcept {
    return static_cast<uint32_t>(std::bit_width(static_cast<uint64_t>(widest_) - static_cast<uint64_t>(step_)));
  }
  [[nodiscard]] uint32_t length_bits() const noexcept {
    return static_cast<uint32_t>(std::bit_width(longest_ - shortest_));
  }

  /// Bytes of the whole unit, tag included. They never become fewer as ranges are added.
  [[nodiscard]] uint32_t bytes() const noexcept {
    return static_cast<uint32_t>(1 + kExtentsFixedBytes + packed_bytes(count_ - 1, offset_bits()) +
                                 packed_bytes(count_, length_bits()));
  }

 private:
  uint32_t count_ = 0;
  uint64_t base_ = 0;
  uint64_t end_ = 0;    // of the last range
  int64_t step_ = 0;    // smallest delta
  int64_t widest_ = 0;  // largest delta
  uint64_t shortest_ = 0;
  uint64_t longest_ = 0;
};

}  // namespace pfs
