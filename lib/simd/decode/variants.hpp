#pragma once

#include "simd/decode/decode.hpp"

/// The implementations behind decode_run(), one for each width. All agree with the scalar ones on every input.
namespace pfs::simd_detail {

DecodeFunction decode1_scalar;
DecodeFunction decode2_scalar;
DecodeFunction decode4_scalar;

}  // namespace pfs::simd_detail
