#include "kernels/add_imm8/loop.hpp"
#include "kernels/imm8_vectors.hpp"

namespace pfs::simd_detail {

void add_imm8_avx512(uint8_t* data, uint64_t bytes, uint8_t value) noexcept {
  change_by_avx512(data, bytes, value, [](__m512i block, __m512i operand) { return _mm512_add_epi8(block, operand); });
}

}  // namespace pfs::simd_detail
