#include "kernels/imm8_vectors.hpp"
#include "kernels/xor_imm8/loop.hpp"

namespace pfs::simd_detail {

void xor_imm8_avx512(uint8_t* data, uint64_t bytes, uint8_t value) noexcept {
  change_by_avx512(data, bytes, value, [](__m512i block, __m512i operand) { return _mm512_xor_si512(block, operand); });
}

}  // namespace pfs::simd_detail
