#pragma once

#include "kernels/imm8.hpp"

namespace pfs {

namespace simd_detail {
Imm8Function add_imm8_scalar;
Imm8Function add_imm8_avx2;
Imm8Function add_imm8_avx512;
}  // namespace simd_detail

/// Each of `bytes` bytes at `data` becomes itself plus `value` modulo 256, in place.
extern Loop<Imm8Function> add_imm8;

}  // namespace pfs
