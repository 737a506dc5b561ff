#pragma once

#include <cstdint>

#include "kernels/kernel_of.hpp"
#include "simd/loop.hpp"

namespace pfs {

/// A loop that changes each of `bytes` bytes at `data` in place, all by the same `value`.
using Imm8Function = void(uint8_t* data, uint64_t bytes, uint8_t value) noexcept;

/// The kernel of such a loop, for which 0 changes nothing and any other value changes every byte.
/// arg: low byte. Value: bytes whose value changed, which is all or none.
template <Loop<Imm8Function>& kLoop, Lanewise kKind>
class Imm8 {
 public:
  static constexpr Lanewise kLanewise = kKind;
  explicit Imm8(uint64_t arg) noexcept : operand_(low_byte(arg)) {}
  void feed(uint8_t* data, uint64_t bytes) noexcept {
    if (operand_ == 0) return;  // nothing changes: not a byte is written
    kLoop(data, bytes, operand_);
    changed_ += bytes;
  }
  void absorb(const Lanes& /*lanes*/, uint64_t bytes) noexcept {
    if (operand_ != 0) changed_ += bytes;
  }
  void finish(KernelOutput& output) const noexcept { output.value = changed_; }

 private:
  uint8_t operand_;
  uint64_t changed_ = 0;
};

}  // namespace pfs
