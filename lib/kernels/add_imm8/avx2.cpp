#include "kernels/add_imm8/loop.hpp"
#include "kernels/imm8_vectors.hpp"

namespace pfs::simd_detail {

void add_imm8_avx2(uint8_t* data, uint64_t bytes, uint8_t value) noexcept {
  change_by_avx2(
      data, bytes, value, [](__m256i block, __m256i operand) { return _mm256_add_epi8(block, operand); },
      add_imm8_scalar);
}

}  // namespace pfs::simd_detail
