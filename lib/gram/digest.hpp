#pragma once

#include <cstdint>
#include <span>

#include "wire/unit.hpp"

namespace pfs {

/// A gram's digest (WIRE.md section 2), fed range by range in order.
class Digest {
 public:
  explicit Digest(DigestKind kind) noexcept;
  void update(std::span<const uint8_t> bytes) noexcept;
  [[nodiscard]] uint64_t value() const noexcept;

 private:
  DigestKind kind_;
  uint64_t state_;
};

struct Gram;
struct BlobView;

/// True if GRAM_END's counts, GRAM's total (where stated) and the digest over the denoted bytes hold.
/// An unknown digest kind does not hold.
bool gram_holds(const Gram& gram, const BlobView& blob) noexcept;

}  // namespace pfs
