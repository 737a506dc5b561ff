#pragma once

#include <utility>

#include "blob/ranges.hpp"
#include "kernels/kernel.hpp"

namespace pfs {

/// Calls visit(const uint8_t* data, uint64_t bytes) for each range of the input, in order.
template <class Visit>
void for_each_range(const KernelInput& input, Visit&& visit) noexcept {
  for_each_range(input.table, input.blob.data, input.slab, std::forward<Visit>(visit));
}

/// Calls visit(uint8_t* data, uint64_t bytes) for each range of an in-place kernel's input, in order: one after the
/// other, so that what overlaps is written once for each range it lies in. The caller of the kernel has checked that
/// all of them lie in the blob (a slab range is never granted).
template <class Visit>
void for_each_writable_range(const KernelInput& input, Visit&& visit) noexcept {
  for_each_range(input.table, input.blob.data, nullptr, [&](const uint8_t* data, uint64_t bytes) noexcept {
    visit(input.blob.data + (data - input.blob.data), bytes);
  });
}

/// The low byte of the argument: what the _imm8 kernels take; bits above it mean nothing.
inline uint8_t low_byte(const KernelInput& input) noexcept { return static_cast<uint8_t>(input.arg); }

}  // namespace pfs
