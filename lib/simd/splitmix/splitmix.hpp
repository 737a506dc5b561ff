#pragma once

#include <cstdint>
#include <span>

#include "base/splitmix.hpp"
#include "simd/loop.hpp"

namespace pfs {

using SplitmixWordsFunction = void(uint8_t* out, uint64_t seed, uint64_t first, uint64_t count) noexcept;

namespace simd_detail {
void splitmix_words_scalar(uint8_t* out, uint64_t seed, uint64_t first, uint64_t count) noexcept;
void splitmix_words_avx2(uint8_t* out, uint64_t seed, uint64_t first, uint64_t count) noexcept;
void splitmix_words_avx512(uint8_t* out, uint64_t seed, uint64_t first, uint64_t count) noexcept;
}  // namespace simd_detail

/// Writes the words first to first + count - 1 of the blob's generator (BLOB.md, Fill) to `out`: 8 bytes each,
/// little-endian.
extern Loop<SplitmixWordsFunction> splitmix_words;

}  // namespace pfs
