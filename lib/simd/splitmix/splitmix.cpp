#include "simd/splitmix/splitmix.hpp"

#include "base/endian.hpp"

namespace pfs {
namespace {

constexpr Variant<SplitmixWordsFunction> kVariants[] = {
    {Isa::kScalar, simd_detail::splitmix_words_scalar},
#if defined(__x86_64__)
    {Isa::kAvx2, simd_detail::splitmix_words_avx2},
    {Isa::kAvx512, simd_detail::splitmix_words_avx512},
#endif
};

void resolve(uint8_t* out, uint64_t seed, uint64_t first, uint64_t count) noexcept {
  SplitmixWordsFunction* chosen = pick(splitmix_words_variants(), active_isa());
  simd_detail::splitmix_words.store(chosen, std::memory_order_relaxed);
  chosen(out, seed, first, count);
}

}  // namespace

namespace simd_detail {

constinit Chosen<SplitmixWordsFunction> splitmix_words{resolve};

void splitmix_words_scalar(uint8_t* out, uint64_t seed, uint64_t first, uint64_t count) noexcept {
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t z = seed + (first + i + 1) * kSplitmixStep;
    z = (z ^ (z >> 30)) * kSplitmixMul1;
    z = (z ^ (z >> 27)) * kSplitmixMul2;
    store_le<uint64_t>(out + i * 8, z ^ (z >> 31));
  }
}

}  // namespace simd_detail

std::span<const Variant<SplitmixWordsFunction>> splitmix_words_variants() noexcept { return kVariants; }

}  // namespace pfs
