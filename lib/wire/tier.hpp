#pragma once

#include <cstdint>

#include "blob/layout.hpp"

namespace pfs {

/// Reference tiers: the top two bits of a run's tag.
enum class Tier : uint8_t { kL1 = 0, kL2 = 1, kL3 = 2 };

/// Bytes that a reference takes on the wire.
constexpr uint32_t reference_bytes(Tier tier) noexcept { return 1u << static_cast<uint8_t>(tier); }

/// Bytes that a reference denotes.
constexpr uint32_t item_bytes(Tier tier, const Layout& layout) noexcept {
  if (tier == Tier::kL3) return layout.block;
  return tier == Tier::kL2 ? layout.word : 1;
}

/// Where a tier's first item lies, in bytes from the blob's start.
constexpr uint64_t tier_base(Tier tier, const Layout& layout) noexcept {
  if (tier == Tier::kL1) return layout.l1;
  return tier == Tier::kL2 ? layout.l2 : layout.l3;
}

}  // namespace pfs
