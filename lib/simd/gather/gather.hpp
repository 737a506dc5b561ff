#pragma once

#include <cstdint>
#include <span>

#include "base/descriptor.hpp"
#include "simd/variant.hpp"

namespace pfs {

/// Copies the bytes that `table` denotes, in order and side by side, to `out`, which has room for all of them and
/// overlaps none. Bounds are the caller's: every descriptor lies inside `blob` or `slab`. Returns how many bytes.
using GatherFunction = uint64_t(std::span<const Descriptor> table, const uint8_t* blob, const uint8_t* slab,
                                uint8_t* out) noexcept;

/// The variants this build has, scalar first.
std::span<const Variant<GatherFunction>> gather_variants() noexcept;

namespace simd_detail {
extern Chosen<GatherFunction> gather;
GatherFunction gather_scalar;
GatherFunction gather_avx512;
}  // namespace simd_detail

inline uint64_t gather_ranges(std::span<const Descriptor> table, const uint8_t* blob, const uint8_t* slab,
                              uint8_t* out) noexcept {
  return simd_detail::gather.load(std::memory_order_relaxed)(table, blob, slab, out);
}

}  // namespace pfs
