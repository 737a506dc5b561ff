#pragma once

#include <cstdint>
#include <span>

#include "simd/loop.hpp"

namespace pfs {

/// The references of one run as they are written: each is one more than the one before.
struct RunSequence {
  uint32_t first = 0;
  uint32_t count = 0;
  uint32_t key = 0;       ///< key of the permutation
  bool permuted = false;  ///< 32-bit references go through prp32_inverse()
};

/// Writes the sequence's references, big-endian, to `at`. Of references of 1 or 2 bytes, the low bytes are written.
using EncodeFunction = void(uint8_t* at, const RunSequence& sequence) noexcept;

namespace simd_detail {
EncodeFunction encode1_scalar;
EncodeFunction encode2_scalar;
EncodeFunction encode4_scalar;
EncodeFunction encode4_avx2;
EncodeFunction encode1_avx512;
EncodeFunction encode2_avx512;
EncodeFunction encode4_avx512;
}  // namespace simd_detail

extern Loop<EncodeFunction> encode1;
extern Loop<EncodeFunction> encode2;
extern Loop<EncodeFunction> encode4;

/// By `width_pow2`: 0, 1, 2 for references of 1, 2, 4 bytes.
constexpr Loop<EncodeFunction>* kEncodeLoops[] = {&encode1, &encode2, &encode4};

inline void encode_run(uint32_t width_pow2, uint8_t* at, const RunSequence& sequence) noexcept {
  (*kEncodeLoops[width_pow2])(at, sequence);
}

}  // namespace pfs
