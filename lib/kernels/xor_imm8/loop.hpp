#pragma once

#include "kernels/imm8.hpp"

namespace pfs {

namespace simd_detail {
Imm8Function xor_imm8_scalar;
Imm8Function xor_imm8_avx2;
Imm8Function xor_imm8_avx512;
}  // namespace simd_detail

/// Each of `bytes` bytes at `data` becomes itself xor `value`, in place.
extern Loop<Imm8Function> xor_imm8;

}  // namespace pfs
