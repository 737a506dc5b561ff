// Every loop of lib/simd and of lib/wire/codec, at every level that this CPU has, against its scalar version, on
// generated cases. PFS_SEED=n generates others. The loops of kernels are tested with their kernels
// (tests/kernels/walls_test.cpp).
#include <gtest/gtest.h>

#include <cstdlib>
#include <vector>

#include "input.hpp"
#include "loops.hpp"
#include "simd/cpu.hpp"

namespace pfs::variants {
namespace {

uint64_t first_seed() {
  const char* text = std::getenv("PFS_SEED");
  return text == nullptr ? 20261121 : std::strtoull(text, nullptr, 10);
}

std::vector<Tested> all_loops() {
  std::vector<Tested> all = byte_loops();
  for (Tested& loop : table_loops()) all.push_back(std::move(loop));
  return all;
}

class Variants : public testing::TestWithParam<std::tuple<Tested, Isa>> {};

TEST_P(Variants, AgreesWithTheScalarVersion) {
  const auto& [loop, isa] = GetParam();
  for (const Case& each : all_cases(first_seed())) {
    Input plain(each);
    Input same(each);
    const Outcome wanted = loop.at(Isa::kScalar, plain);
    const Outcome got = loop.at(isa, same);
    ASSERT_TRUE(got == wanted) << loop.name << ", " << name(isa) << ": " << each.text() << ": " << got.against(wanted);
  }
}

std::vector<Isa> levels() {
  std::vector<Isa> all;
  for (const Isa isa : {Isa::kSse, Isa::kAvx2, Isa::kAvx512}) {
    if (isa <= detected_isa()) all.push_back(isa);
  }
  return all;
}

std::string name_of(const testing::TestParamInfo<std::tuple<Tested, Isa>>& info) {
  return std::get<0>(info.param).name + "_" + name(std::get<1>(info.param));
}

INSTANTIATE_TEST_SUITE_P(Loops, Variants, testing::Combine(testing::ValuesIn(all_loops()), testing::ValuesIn(levels())),
                         name_of);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Variants);  // a CPU that has the scalar level only

// Also run with PFS_ISA set to each level.
TEST(Choice, IsTheHighestVariantOfTheActiveLevelAndAgreesFromTheFirstCallOn) {
  for (const Tested& loop : all_loops()) {
    for (int call = 0; call < 2; ++call) {
      const Case each{.seed = first_seed(), .size = 100};
      Input plain(each);
      Input same(each);
      Outcome got;
      EXPECT_TRUE(loop.chosen(same, got)) << loop.name << " at " << name(active_isa());
      EXPECT_TRUE(got == loop.at(Isa::kScalar, plain)) << loop.name << ", call " << call;
    }
  }
}

}  // namespace

// GoogleTest prints parameters; a loop's bytes say nothing.
static void PrintTo(const Tested& loop, std::ostream* out) { *out << loop.name; }

}  // namespace pfs::variants
