#pragma once

#include <cstdint>
#include <span>

#include "simd/variant.hpp"

namespace pfs {

constexpr uint64_t kSplitmixStep = 0x9E3779B97F4A7C15;
constexpr uint64_t kSplitmixMul1 = 0xBF58476D1CE4E5B9;
constexpr uint64_t kSplitmixMul2 = 0x94D049BB133111EB;

using SplitmixWordsFunction = void(uint8_t* out, uint64_t seed, uint64_t first, uint64_t count) noexcept;

/// The variants this build has, scalar first.
std::span<const Variant<SplitmixWordsFunction>> splitmix_words_variants() noexcept;

namespace simd_detail {
extern Chosen<SplitmixWordsFunction> splitmix_words;
void splitmix_words_scalar(uint8_t* out, uint64_t seed, uint64_t first, uint64_t count) noexcept;
void splitmix_words_avx2(uint8_t* out, uint64_t seed, uint64_t first, uint64_t count) noexcept;
void splitmix_words_avx512(uint8_t* out, uint64_t seed, uint64_t first, uint64_t count) noexcept;
}  // namespace simd_detail

/// Words first to first + count - 1 of the blob's generator (BLOB.md, Fill), 8 bytes each, little-endian, to `out`.
inline void splitmix_words(uint8_t* out, uint64_t seed, uint64_t first, uint64_t count) noexcept {
  simd_detail::splitmix_words.load(std::memory_order_relaxed)(out, seed, first, count);
}

}  // namespace pfs
