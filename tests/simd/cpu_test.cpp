#include "simd/cpu.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace pfs {
namespace {

TEST(Cpu, TheEnvironmentLowersTheActiveLevel) {
  const char* text = std::getenv("PFS_ISA");
  Isa allowed = Isa::kAvx512;
  for (const Isa isa : {Isa::kScalar, Isa::kSse, Isa::kAvx2}) {
    if (text != nullptr && std::string_view(text) == name(isa)) allowed = isa;
  }
  EXPECT_EQ(active_isa(), std::min(detected_isa(), allowed));
}

// In a process of its own: the limit holds from then on.
TEST(CpuDeathTest, ALimitInBitsLowersTheLevelAndNeverRaisesIt) {
  GTEST_FLAG_SET(death_test_style, "fast");
  EXPECT_EXIT(
      {
        limit_simd_bits(512);
        bool good = active_isa() <= Isa::kAvx512;
        limit_simd_bits(256);
        good = good && active_isa() <= Isa::kAvx2;
        limit_simd_bits(128);
        good = good && active_isa() <= Isa::kSse;
        limit_simd_bits(1024);
        good = good && active_isa() <= Isa::kSse;
        limit_simd_bits(64);
        good = good && active_isa() == Isa::kScalar;
        std::exit(good ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace pfs
