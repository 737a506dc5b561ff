#pragma once

#include <cstdint>

#include "base/splitmix.hpp"

namespace pfs {

/// The L3 references that a generator sends, one after the other, within its first `blocks` blocks.
class Pattern {
 public:
  enum class Kind : uint8_t { kContiguous, kStride, kRandom };
  Pattern(Kind kind, uint32_t blocks, uint32_t stride, uint64_t seed) noexcept
      : kind_(kind), blocks_(blocks), stride_(stride % blocks), numbers_(seed) {}

  uint32_t next() noexcept {
    if (kind_ == Kind::kRandom) return random();
    const uint32_t reference = at_;
    const uint64_t after = uint64_t{at_} + (kind_ == Kind::kStride ? stride_ : 1);
    at_ = static_cast<uint32_t>(after >= blocks_ ? after - blocks_ : after);
    return reference;
  }

 private:
  /// The upper half of a number is scaled to the range: no division, and no reference is favoured noticeably.
  uint32_t random() noexcept { return static_cast<uint32_t>((numbers_.next() >> 32) * blocks_ >> 32); }

  Kind kind_;
  uint32_t blocks_;
  uint32_t stride_;
  uint32_t at_ = 0;
  SplitMix64 numbers_;
};

}  // namespace pfs
