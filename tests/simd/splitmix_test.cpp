#include "simd/splitmix/splitmix.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "guarded.hpp"

namespace pfs {
namespace {

constexpr size_t kMost = 70 * 8;  // bytes

TEST(Splitmix, EveryVariantAgreesWithTheScalarVersion) {
  Guarded memory(kMost);
  std::vector<uint8_t> wanted(kMost);
  for (const auto& variant : splitmix_words.variants()) {
    if (variant.isa > detected_isa()) continue;
    for (const uint64_t seed : {uint64_t{0}, uint64_t{42}, UINT64_MAX}) {
      for (const uint64_t first : {uint64_t{0}, uint64_t{3}, uint64_t{1} << 35, UINT64_MAX - 3}) {
        for (uint64_t count = 0; count <= 70; ++count) {
          uint8_t* out = memory.at_end(wanted.data(), count * 8);
          variant.run(out, seed, first, count);
          simd_detail::splitmix_words_scalar(wanted.data(), seed, first, count);
          ASSERT_TRUE(std::equal(out, out + count * 8, wanted.begin()))
              << name(variant.isa) << ", seed " << seed << ", first " << first << ", count " << count;
        }
      }
    }
  }
}

}  // namespace
}  // namespace pfs
