#include "simd/crc32c_lines/crc32c_lines.hpp"

#include "simd/crc32c_lines/constants.hpp"

namespace pfs {
namespace {

constexpr Variant<Crc32cLinesFunction> kVariants[] = {
    {Isa::kScalar, simd_detail::crc32c_lines_scalar},
#if defined(__x86_64__)
    {Isa::kAvx512, simd_detail::crc32c_lines_avx512},
#endif
};

constexpr uint32_t reflected(uint32_t value) noexcept {
  uint32_t out = 0;
  for (uint32_t bit = 0; bit < 32; ++bit) out |= (value >> bit & 1) << (31 - bit);
  return out;
}

}  // namespace

bool crc32c_lines_pay() noexcept { return crc32c_lines.chosen() != simd_detail::crc32c_lines_scalar; }

namespace simd_detail {

size_t crc32c_lines_scalar(uint32_t& state, std::span<const Descriptor> table, const uint8_t* blob,
                           const uint8_t* slab) noexcept {
  size_t taken = 0;
  for (; taken < table.size() && whole_lines(table[taken]); ++taken) {
    const uint8_t* at = (table[taken].in_blob() ? blob : slab) + table[taken].offset;
    for (uint64_t i = 0; i < table[taken].length; ++i) {
      state ^= at[i];
      for (uint32_t bit = 0; bit < 8; ++bit) state = state >> 1 ^ ((state & 1) != 0 ? reflected(kCastagnoli) : 0);
    }
  }
  return taken;
}

}  // namespace simd_detail

constinit Loop<Crc32cLinesFunction> crc32c_lines{kVariants, Loop<Crc32cLinesFunction>::choose_first<crc32c_lines>};

}  // namespace pfs
