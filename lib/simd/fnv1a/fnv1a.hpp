#pragma once

#include <cstdint>
#include <span>

#include "simd/loop.hpp"

namespace pfs {

constexpr uint64_t kFnv1aPrime = 0x100000001B3;

/// One of several digests taken at once: `state` goes on over `bytes` bytes at `data`.
struct FnvStream {
  const uint8_t* data;
  uint64_t bytes;
  uint64_t state;
};

/// FNV-1a 64 of every stream: each stream's `state` comes to stand behind its bytes, and its `bytes` become 0. One
/// stream is serial by nature and takes 4 cycles a byte; many streams are not.
using FnvManyFunction = void(std::span<FnvStream> streams) noexcept;

namespace simd_detail {
FnvManyFunction fnv1a_many_scalar;
FnvManyFunction fnv1a_many_avx512;
/// Takes one stream on by `bytes` bytes.
void fnv1a_advance(FnvStream& stream, uint64_t bytes) noexcept;
}  // namespace simd_detail

extern Loop<FnvManyFunction> fnv1a_many;

}  // namespace pfs
