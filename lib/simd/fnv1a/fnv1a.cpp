#include "simd/fnv1a/fnv1a.hpp"

#include <algorithm>
#include <array>

namespace pfs {
namespace {

constexpr Variant<FnvManyFunction> kVariants[] = {
    {Isa::kScalar, simd_detail::fnv1a_many_scalar},
#if defined(__x86_64__)
    {Isa::kAvx512, simd_detail::fnv1a_many_avx512},
#endif
};

}  // namespace

namespace simd_detail {

void fnv1a_advance(FnvStream& stream, uint64_t bytes) noexcept {
  uint64_t state = stream.state;
  for (uint64_t i = 0; i < bytes; ++i) state = (state ^ stream.data[i]) * kFnv1aPrime;
  stream.state = state;
  stream.data += bytes;
  stream.bytes -= bytes;
}

// Four at a time: a multiplier takes one product a cycle, and one stream wants one in four.
void fnv1a_many_scalar(std::span<FnvStream> streams) noexcept {
  for (; streams.size() >= 4; streams = streams.subspan(4)) {
    const uint64_t bytes = std::min({streams[0].bytes, streams[1].bytes, streams[2].bytes, streams[3].bytes});
    std::array<uint64_t, 4> state{streams[0].state, streams[1].state, streams[2].state, streams[3].state};
    for (uint64_t i = 0; i < bytes; ++i) {
      for (size_t s = 0; s < state.size(); ++s) state[s] = (state[s] ^ streams[s].data[i]) * kFnv1aPrime;
    }
    for (size_t s = 0; s < state.size(); ++s) {
      streams[s] = {streams[s].data + bytes, streams[s].bytes - bytes, state[s]};
      fnv1a_advance(streams[s], streams[s].bytes);
    }
  }
  for (FnvStream& stream : streams) fnv1a_advance(stream, stream.bytes);
}

}  // namespace simd_detail

constinit Loop<FnvManyFunction> fnv1a_many{kVariants, Loop<FnvManyFunction>::choose_first<fnv1a_many>};

}  // namespace pfs
