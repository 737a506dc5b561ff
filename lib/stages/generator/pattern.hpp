#pragma once

#include <cstdint>

namespace pfs {

/// The L3 references that a generator sends, one after the other, within its first `blocks` blocks.
class Pattern {
 public:
  enum class Kind : uint8_t { kContiguous, kStride, kRandom };
  Pattern(Kind kind, uint32_t blocks, uint32_t stride, uint64_t seed) noexcept
      : kind_(kind), blocks_(blocks), stride_(stride % blocks), state_(seed) {}

  uint32_t next() noexcept {
    if (kind_ == Kind::kRandom) return random();
    const uint32_t reference = at_;
    const uint64_t after = uint64_t{at_} + (kind_ == Kind::kStride ? stride_ : 1);
    at_ = static_cast<uint32_t>(after >= blocks_ ? after - blocks_ : after);
    return reference;
  }

 private:
  /// SplitMix64, its upper half scaled to the range: no division, and no reference is favoured noticeably.
  uint32_t random() noexcept {
    uint64_t z = state_ += 0x9E3779B97F4A7C15;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return static_cast<uint32_t>(((z ^ z >> 31) >> 32) * blocks_ >> 32);
  }

  Kind kind_;
  uint32_t blocks_;
  uint32_t stride_;
  uint32_t at_ = 0;
  uint64_t state_;
};

}  // namespace pfs
