#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace pfs::reduce {

/// Puts the first bytes of all numbers of `width` bytes (2 or 4) together, then the second bytes, and so on, since the
/// exponents of floats resemble each other and their mantissas nothing. What is left of `in` behind the last whole
/// number stays at the end. `out` has as many bytes as `in`, elsewhere.
void group_bytes(std::span<const uint8_t> in, uint32_t width, uint8_t* out) noexcept;

/// Puts grouped bytes back in their order.
void ungroup_bytes(std::span<const uint8_t> in, uint32_t width, uint8_t* out) noexcept;

}  // namespace pfs::reduce
