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

}  // namespace

namespace simd_detail {

void splitmix_words_scalar(uint8_t* out, uint64_t seed, uint64_t first, uint64_t count) noexcept {
  SplitMix64 numbers(seed + first * kSplitmixStep);
  for (uint64_t i = 0; i < count; ++i) store_le<uint64_t>(out + i * 8, numbers.next());
}

}  // namespace simd_detail

constinit Loop<SplitmixWordsFunction> splitmix_words{kVariants,
                                                     Loop<SplitmixWordsFunction>::choose_first<splitmix_words>};

}  // namespace pfs
