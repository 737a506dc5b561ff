#include <gtest/gtest.h>

#include <vector>

#include "kernels/min_max_u8/loop.hpp"

namespace pfs {
namespace {

TEST(KernelsMinMaxU8, EveryVariantFindsTheOneExtremeWhereverItStands) {
  std::vector<uint8_t> data(200, 100);
  for (const auto& variant : min_max_u8.variants()) {
    if (variant.isa > detected_isa()) continue;
    for (size_t at = 0; at < data.size(); ++at) {
      data[at] = 3;
      data[data.size() - 1 - at] = 200;
      const MinMax got = variant.run(data.data(), data.size(), {});
      ASSERT_EQ(got.min, 3) << name(variant.isa) << " at " << at;
      ASSERT_EQ(got.max, 200) << name(variant.isa) << " at " << at;
      data[at] = data[data.size() - 1 - at] = 100;
    }
  }
}

}  // namespace
}  // namespace pfs
