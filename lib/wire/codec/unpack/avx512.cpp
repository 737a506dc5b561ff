#include <immintrin.h>

#include "wire/codec/unpack/group_avx512.hpp"
#include "wire/codec/unpack/unpack.hpp"

namespace pfs::simd_detail {
namespace {

constexpr uint64_t kLanes = 8;

template <bool kNine>
[[gnu::always_inline]] inline void unpack_groups(std::span<const uint8_t> packed, const Group& group,
                                                 std::span<uint64_t> out) noexcept {
  const uint8_t* at = packed.data();
  uint64_t left = packed.size();
  uint64_t* to = out.data();
  uint64_t count = out.size();
  // Four groups are taken at a time while all their loads stay inside the span.
  for (; count >= 4 * kLanes && left >= 3 * group.bytes + 64; count -= 4 * kLanes, to += 4 * kLanes) {
    for (uint64_t i = 0; i < 4; ++i) {
      _mm512_storeu_si512(to + i * kLanes, group.values<kNine>(_mm512_loadu_si512(at + i * group.bytes)));
    }
    at += 4 * group.bytes;
    left -= 4 * group.bytes;
  }
  for (; count >= kLanes; count -= kLanes, to += kLanes) {
    _mm512_storeu_si512(to, group.values<kNine>(load_left(at, left)));
    at += group.bytes;
    left -= group.bytes;
  }
  if (count == 0) return;
  const auto rest = static_cast<__mmask8>((1U << count) - 1);
  _mm512_mask_storeu_epi64(to, rest, group.values<kNine>(load_left(at, left)));
}

}  // namespace

void unpack_avx512(std::span<const uint8_t> packed, uint32_t bits, std::span<uint64_t> out) noexcept {
  const Group group(bits, 0);
  if (group.nine) {
    unpack_groups<true>(packed, group, out);
  } else {
    unpack_groups<false>(packed, group, out);
  }
}

}  // namespace pfs::simd_detail
