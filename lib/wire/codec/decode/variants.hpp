#pragma once

#include "wire/codec/decode/decode.hpp"

/// The implementations behind decode_run(), one for each width. Each agrees with the scalar one on every input.
namespace pfs::simd_detail {

DecodeFunction decode1_scalar;
DecodeFunction decode2_scalar;
DecodeFunction decode4_scalar;
DecodeFunction decode1_avx2;
DecodeFunction decode2_avx2;
DecodeFunction decode4_avx2;
DecodeFunction decode1_avx512;
DecodeFunction decode2_avx512;
DecodeFunction decode4_avx512;

}  // namespace pfs::simd_detail
