#include "stages/file_sink/denoted_copy.hpp"

#include <algorithm>
#include <cstring>

#include "simd/gather/gather.hpp"

namespace pfs {

std::span<const uint8_t> DenotedCopy::next(std::span<uint8_t> room) noexcept {
  size_t used = 0;
  while (used < room.size() && !left_.empty()) {
    size_t whole = 0;
    uint64_t bytes = 0;
    while (taken_ == 0 && whole < left_.size() && left_[whole].length <= room.size() - used - bytes)
      bytes += left_[whole++].length;
    if (whole != 0) {
      used += gather_ranges(left_.first(whole), blob_, slab_, room.data() + used);
      left_ = left_.subspan(whole);
      continue;
    }
    // The slice ends within this piece, and the next slice goes on with the rest.
    const Descriptor& piece = left_.front();
    const uint64_t share = std::min<uint64_t>(piece.length - taken_, room.size() - used);
    std::memcpy(room.data() + used, (piece.in_blob() ? blob_ : slab_) + piece.offset + taken_, share);
    used += share;
    taken_ += share;
    if (taken_ < piece.length) break;
    left_ = left_.subspan(1);
    taken_ = 0;
  }
  return room.first(used);
}

}  // namespace pfs
