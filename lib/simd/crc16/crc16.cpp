#include "simd/crc16/crc16.hpp"

#include "simd/crc16/variants.hpp"

namespace pfs {
namespace {

constexpr Variant<Crc16Function> kVariants[] = {
    {Isa::kScalar, simd_detail::crc16_scalar},
#if defined(__x86_64__)
    {Isa::kSse, simd_detail::crc16_sse},
    {Isa::kAvx512, simd_detail::crc16_avx512},
#endif
};

}  // namespace

constinit Loop<Crc16Function> crc16_ccitt{kVariants, Loop<Crc16Function>::choose_first<crc16_ccitt>};

}  // namespace pfs
