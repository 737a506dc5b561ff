// Loops that read bytes and give a number or two.
#include <algorithm>
#include <cstring>

#include "../simd/loops.hpp"
#include "../simd/measure.hpp"
#include "kernels/count_eq_imm8/loop.hpp"
#include "kernels/min_max_u8/loop.hpp"
#include "kernels/sum_u64/loop.hpp"
#include "kernels/sum_u8/loop.hpp"

namespace pfs::bench {
namespace {

constexpr uint8_t kWanted = 0x5A;

/// Counting with the C library: a search from each hit to the next.
uint64_t count_with_memchr(const uint8_t* data, uint64_t bytes) {
  uint64_t count = 0;
  const uint8_t* const end = data + bytes;
  while (data < end) {
    const void* hit = std::memchr(data, kWanted, static_cast<size_t>(end - data));
    if (hit == nullptr) break;
    ++count;
    data = static_cast<const uint8_t*>(hit) + 1;
  }
  return count;
}

}  // namespace

void register_reductions() {
  for (const Size& size : {kL1, kL2, kDram}) {
    each_variant(count_eq.variants(), [&](const char* who, const char* label, CountEqFunction* run) {
      bytes(std::string("count_eq/") + who, size, label,
            [run](const uint8_t* data, uint64_t bytes) { return run(data, bytes, kWanted); });
    });
    bytes("count_eq/memchr", size, "libc", count_with_memchr);
    bytes("count_eq/std-count", size, "libstdc++",
          [](const uint8_t* data, uint64_t bytes) { return std::count(data, data + bytes, kWanted); });
    read_ceiling("count_eq", size);

    each_variant(sum_u8.variants(), [&](const char* who, const char* label, SumU8Function* run) {
      bytes(std::string("sum_u8/") + who, size, label, run);
    });
    read_ceiling("sum_u8", size);

    each_variant(sum_u64.variants(), [&](const char* who, const char* label, SumU64Function* run) {
      bytes(std::string("sum_u64/") + who, size, label, run);
    });

    each_variant(min_max_u8.variants(), [&](const char* who, const char* label, MinMaxU8Function* run) {
      bytes(std::string("min_max_u8/") + who, size, label,
            [run](const uint8_t* data, uint64_t bytes) { return run(data, bytes, {}); });
    });
    bytes("min_max_u8/std-minmax", size, "libstdc++",
          [](const uint8_t* data, uint64_t bytes) { return std::minmax_element(data, data + bytes); });
    read_ceiling("min_max_u8", size);
  }
}

}  // namespace pfs::bench
