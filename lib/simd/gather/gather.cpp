#include "simd/gather/gather.hpp"

#include <cstring>

#include "simd/gather/ahead.hpp"

namespace pfs {
namespace {

constexpr Variant<GatherFunction> kVariants[] = {
    {Isa::kScalar, simd_detail::gather_scalar},
#if defined(__x86_64__)
    {Isa::kAvx512, simd_detail::gather_avx512},
#endif
};

}  // namespace

namespace simd_detail {

uint64_t gather_scalar(std::span<const Descriptor> table, const uint8_t* blob, const uint8_t* slab,
                       uint8_t* out) noexcept {
  const auto copy = [](uint8_t* to, const uint8_t* from, uint64_t bytes) noexcept {
    uint64_t at = 0;
    for (; at + 64 <= bytes; at += 64) std::memcpy(to + at, from + at, 64);
    for (; at < bytes; ++at) to[at] = from[at];
  };
  return static_cast<uint64_t>(copy_ahead(table, blob, slab, out, copy) - out);
}

}  // namespace simd_detail

constinit Loop<GatherFunction> gather_ranges{kVariants, Loop<GatherFunction>::choose_first<gather_ranges>};

}  // namespace pfs
