#pragma once

#include <algorithm>
#include <cstdint>

#include "blob/index.hpp"

namespace pfs {

/// The most frames that a gram of `gram_bytes` with a FILE unit takes where a frame has `payload_bytes`, whatever the
/// file holds. The worst case is a literal for every other block: it has a head of 3 bytes, a reference behind it, and
/// a window's mark now and then.
constexpr uint64_t frames_bound(uint64_t gram_bytes, uint32_t payload_bytes) noexcept {
  constexpr uint64_t kBlockOnWire = kIndexBlock + 8;  // bytes a block, literal and reference taken together
  constexpr uint64_t kFrameLost = 16 + 64;  // bytes a frame: its header, and an end too short for the next unit
  constexpr uint64_t kHeadBytes = 512;      // GRAM, SESSION, FILE with the longest name, GRAM_END
  const uint64_t usable =
      payload_bytes > 2 * kFrameLost ? payload_bytes - kFrameLost : std::max<uint64_t>(payload_bytes / 2, 1);
  return ((gram_bytes + kIndexBlock - 1) / kIndexBlock * kBlockOnWire + kHeadBytes) / usable + 3;
}

}  // namespace pfs
