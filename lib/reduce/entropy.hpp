#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace pfs::reduce {

/// What a sample says of some bytes, in bits a byte as if each byte were independent of the others.
struct Sampled {
  double plain = 8;    ///< of all bytes together
  double of_two = 8;   ///< with the bytes of 16-bit numbers apart
  double of_four = 8;  ///< with the bytes of 32-bit numbers apart
};

/// Samples `data` at a few places, 4 KiB together, whatever its size. Fewer than 512 bytes say nothing: all is 0 then.
Sampled sample_entropy(std::span<const uint8_t> data) noexcept;

}  // namespace pfs::reduce
