#pragma once

#include <cstdint>
#include <span>

#include "base/descriptor.hpp"
#include "simd/loop.hpp"

namespace pfs {

/// Copies the bytes that `table` denotes, in order and side by side, to `out`, which has room for all of them and
/// overlaps none. Bounds are the caller's: every descriptor lies inside `blob` or `slab`. Returns the number of bytes.
using GatherFunction = uint64_t(std::span<const Descriptor> table, const uint8_t* blob, const uint8_t* slab,
                                uint8_t* out) noexcept;

namespace simd_detail {
GatherFunction gather_scalar;
GatherFunction gather_avx512;
}  // namespace simd_detail

extern Loop<GatherFunction> gather_ranges;

}  // namespace pfs
