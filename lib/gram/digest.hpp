#pragma once

#include <cstdint>
#include <span>

#include "blob/stretches.hpp"
#include "wire/unit.hpp"

namespace pfs {

constexpr uint64_t kFnv1a64Basis = 0xCBF29CE484222325;

/// FNV-1a 64 going on from `state`: fnv1a64(fnv1a64(s, a), b) == fnv1a64(s, a + b). Serial by nature: 4 cycles a byte.
uint64_t fnv1a64(uint64_t state, std::span<const uint8_t> bytes) noexcept;

/// A gram's digest (WIRE.md section 2), fed in order.
class Digest {
 public:
  explicit Digest(DigestKind kind) noexcept;
  /// Goes on where another digest of the same kind was when its state() was this.
  Digest(DigestKind kind, uint64_t state) noexcept : kind_(kind), state_(state) {}
  void update(std::span<const uint8_t> bytes) noexcept;
  /// All that `table` denotes. Bounds are the caller's.
  void update(std::span<const Descriptor> table, const uint8_t* blob, const uint8_t* slab, Room& room) noexcept;
  /// Of everything so far; 0 for kNone. CRC-32C stands in the low 32 bits.
  [[nodiscard]] uint64_t value() const noexcept;
  [[nodiscard]] uint64_t state() const noexcept { return state_; }

 private:
  DigestKind kind_;
  uint64_t state_;
};

}  // namespace pfs
