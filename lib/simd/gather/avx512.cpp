#include <immintrin.h>

#include "simd/gather/ahead.hpp"
#include "simd/gather/gather.hpp"

// Ranges are copied register by register: a call of memcpy costs more than a short one takes.
namespace pfs::simd_detail {
namespace {

[[gnu::always_inline]] inline void copy_bytes(uint8_t* to, const uint8_t* from, uint64_t bytes) noexcept {
  uint64_t at = 0;
  for (; at + 64 <= bytes; at += 64) _mm512_storeu_si512(to + at, _mm512_loadu_si512(from + at));
  if (at == bytes) return;
  const __mmask64 rest = (uint64_t{1} << (bytes - at)) - 1;
  _mm512_mask_storeu_epi8(to + at, rest, _mm512_maskz_loadu_epi8(rest, from + at));
}

}  // namespace

uint64_t gather_avx512(std::span<const Descriptor> table, const uint8_t* blob, const uint8_t* slab,
                       uint8_t* out) noexcept {
  uint8_t* to = out;
  for_each_ahead(table, blob, slab, [&](const uint8_t* from, uint64_t bytes) noexcept {
    copy_bytes(to, from, bytes);
    to += bytes;
  });
  return static_cast<uint64_t>(to - out);
}

}  // namespace pfs::simd_detail
