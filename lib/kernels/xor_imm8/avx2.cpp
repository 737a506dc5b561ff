#include "kernels/imm8_vectors.hpp"
#include "kernels/xor_imm8/loop.hpp"

namespace pfs::simd_detail {

void xor_imm8_avx2(uint8_t* data, uint64_t bytes, uint8_t value) noexcept {
  change_by_avx2(
      data, bytes, value, [](__m256i block, __m256i operand) { return _mm256_xor_si256(block, operand); },
      xor_imm8_scalar);
}

}  // namespace pfs::simd_detail
