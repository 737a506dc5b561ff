#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/descriptor.hpp"

namespace pfs {

/// A range of the blob that in-place kernels of one stream may write (`blob.writable`).
struct Grant {
  uint16_t stream = 0;
  uint64_t offset = 0;  ///< bytes from the blob's start
  uint64_t length = 0;  ///< bytes
};

/// True if every descriptor lies wholly in one of `stream`'s grants. A slab range is not in the blob and never granted.
bool writable(std::span<const Grant> grants, uint16_t stream, std::span<const Descriptor> table) noexcept;

}  // namespace pfs
