#pragma once

#include <cstdint>
#include <span>

#include "simd/loop.hpp"

namespace pfs {

constexpr uint64_t kShaBlockBytes = 64;

/// One of several messages hashed at once: `state` goes on over `blocks` blocks of 64 bytes at `data`.
struct ShaStream {
  const uint8_t* data;
  uint64_t blocks;
  uint32_t state[8];
};

/// SHA-256's compression of every stream: in each, `state` is brought to behind its blocks, `data` with it, and
/// `blocks` to 0. One message is serial by nature (SHA-NI waits for its own results half the time), many are not. Whole
/// messages are hashed by sha256_digests() in digests.hpp.
using ShaManyFunction = void(std::span<ShaStream> streams) noexcept;

namespace simd_detail {
ShaManyFunction sha256_many_scalar;
ShaManyFunction sha256_many_sse;
ShaManyFunction sha256_many_avx512;
}  // namespace simd_detail

extern Loop<ShaManyFunction> sha256_many;

}  // namespace pfs
