#pragma once

namespace pfs {

/// Asks for the line of 64 bytes at `at`, into L2 and not L1. A core can have more of these reads under way: from DRAM
/// it gets a fifth more scattered lines in the same time, and a third more ranges of 256 bytes (bench/simd, gather). A
/// line that is in L2 already takes some cycles more. The function is always inline, as every function that only
/// prefetches has to be: GCC takes such a function for one without effect, and drops the call.
[[gnu::always_inline]] inline void prefetch_into_l2(const void* at) noexcept {
  constexpr int kToRead = 0;
  constexpr int kL2 = 2;
  __builtin_prefetch(at, kToRead, kL2);
}

}  // namespace pfs
