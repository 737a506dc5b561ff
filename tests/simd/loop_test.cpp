#include "simd/loop.hpp"

#include <gtest/gtest.h>

namespace pfs {
namespace {

using IsaFunction = Isa(int& calls) noexcept;

template <Isa kIsa>
Isa named(int& calls) noexcept {
  ++calls;
  return kIsa;
}

constexpr Variant<IsaFunction> kVariants[] = {
    {Isa::kScalar, named<Isa::kScalar>}, {Isa::kAvx2, named<Isa::kAvx2>}, {Isa::kAvx512, named<Isa::kAvx512>}};

extern Loop<IsaFunction> called;
constinit Loop<IsaFunction> called{kVariants, Loop<IsaFunction>::choose_first<called>};
extern Loop<IsaFunction> asked;
constinit Loop<IsaFunction> asked{kVariants, Loop<IsaFunction>::choose_first<asked>};

Isa highest() { return active_isa() == Isa::kSse ? Isa::kScalar : active_isa(); }

// Also run with PFS_ISA set to each level.
TEST(LoopChoice, IsTheHighestVariantOfTheActiveLevelFromTheFirstCallOn) {
  int calls = 0;
  EXPECT_EQ(called(calls), highest());
  EXPECT_EQ(called(calls), highest());
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(called.chosen(), pick(called.variants(), active_isa()));
}

TEST(LoopChoice, CanBeAskedForBeforeAnyCall) {
  int calls = 0;
  EXPECT_EQ(asked.chosen()(calls), highest());
  EXPECT_EQ(asked(calls), highest());
}

}  // namespace
}  // namespace pfs
