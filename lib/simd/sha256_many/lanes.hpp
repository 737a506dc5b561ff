#pragma once

#include "simd/sha256_many/sha256_many.hpp"

namespace pfs::simd_detail {

/// Takes blocks from kLanes streams at a time with take(streams, blocks), as long as at least kWorthwhile of them have
/// any; a stream that ends gives its lane to one that waits. What is left keeps its blocks. `Take` is local to its
/// file, so that each ISA has an instance of its own.
template <uint64_t kLanes, uint64_t kWorthwhile, class Take>
[[gnu::always_inline]] inline void run_lanes(std::span<ShaStream> streams, Take take) noexcept {
  ShaStream* lane[kLanes];
  uint64_t count = 0;
  uint64_t next = 0;
  while (true) {
    for (; count < kLanes && next < streams.size(); ++next) {
      if (streams[next].blocks > 0) lane[count++] = &streams[next];
    }
    if (count < kWorthwhile) return;
    uint64_t blocks = UINT64_MAX;
    for (uint64_t i = 0; i < count; ++i) {
      if (lane[i]->blocks < blocks) blocks = lane[i]->blocks;
    }
    // Lanes without a stream do the first one's work once more.
    for (uint64_t i = count; i < kLanes; ++i) lane[i] = lane[0];
    take(lane, blocks);
    uint64_t kept = 0;
    for (uint64_t i = 0; i < count; ++i) {
      lane[i]->data += blocks * kShaBlockBytes;
      lane[i]->blocks -= blocks;
      if (lane[i]->blocks > 0) lane[kept++] = lane[i];
    }
    count = kept;
  }
}

}  // namespace pfs::simd_detail
