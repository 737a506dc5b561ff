#pragma once

#include <cstdint>
#include <span>

#include "base/descriptor.hpp"

namespace pfs {

/// Copies what a gram denotes into the caller's memory, a slice at a time. Each byte of the blob is read once: another
/// stage, whose kernel writes in place, may change the blob at any moment, and two readings could differ.
class DenotedCopy {
 public:
  /// `pieces` and the memory behind them stay until the last slice is taken. Bounds are the caller's.
  DenotedCopy(std::span<const Descriptor> pieces, const uint8_t* blob, const uint8_t* slab) noexcept
      : left_(pieces), blob_(blob), slab_(slab) {}

  /// Copies the next bytes to the beginning of `room` and returns them: all of `room`, or less at the end.
  std::span<const uint8_t> next(std::span<uint8_t> room) noexcept;

 private:
  std::span<const Descriptor> left_;
  uint64_t taken_ = 0;  // bytes of the first piece that earlier slices have
  const uint8_t* blob_;
  const uint8_t* slab_;
};

}  // namespace pfs
