#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "../simd/guarded.hpp"
#include "kernels/add_imm8/loop.hpp"
#include "kernels/count_eq_imm8/loop.hpp"
#include "kernels/min_max_u8/loop.hpp"
#include "kernels/sum_u64/loop.hpp"
#include "kernels/sum_u8/loop.hpp"
#include "kernels/xor_imm8/loop.hpp"
#include "simd/splitmix/splitmix.hpp"

namespace pfs {
namespace {

constexpr size_t kMost = 4096 + 80;

/// Every length around the registers' and unrolled loops' edges, and some long ones.
std::vector<size_t> lengths() {
  std::vector<size_t> all;
  for (size_t n = 0; n <= 600; ++n) all.push_back(n);
  for (const size_t n : {1023, 1024, 1025, 4095, 4096, 4097, 4160}) all.push_back(n);
  return all;
}

/// Random bytes, few values (so that equality happens), all zeros, all ones.
std::vector<std::vector<uint8_t>> contents() {
  std::vector<std::vector<uint8_t>> all(4, std::vector<uint8_t>(kMost));
  std::mt19937 random(20261120);
  for (auto& byte : all[0]) byte = static_cast<uint8_t>(random());
  for (auto& byte : all[1]) byte = static_cast<uint8_t>(0xFE + random() % 4);
  for (auto& byte : all[3]) byte = 0xFF;
  return all;
}

/// Calls check(variant, data, bytes) for every variant that this CPU runs but the scalar one, on every content and
/// length, with the bytes right before a page that cannot be touched and right behind one, so also at every alignment.
template <class Function, class Check>
void for_each_case(std::span<const Variant<Function>> variants, size_t unit, Check check) {
  ASSERT_EQ(variants[0].isa, Isa::kScalar);
  Guarded memory(kMost);
  for (const auto& variant : variants.subspan(1)) {
    if (variant.isa > detected_isa()) continue;
    for (const auto& content : contents()) {
      for (const size_t bytes : lengths()) {
        if (bytes % unit != 0) continue;
        SCOPED_TRACE(std::string(name(variant.isa)) + ", " + std::to_string(bytes) + " bytes of content that begins " +
                     std::to_string(content[0]));
        check(variant.run, memory.at_end(content.data(), bytes), bytes);
        check(variant.run, memory.at_start(content.data(), bytes), bytes);
        if (testing::Test::HasFailure()) return;
      }
    }
  }
}

TEST(ByteLoops, CountEqAgreesWithTheScalarVersion) {
  for_each_case(count_eq.variants(), 1, [](auto* run, const uint8_t* data, size_t bytes) {
    for (const uint8_t value : {0, 1, 0x7F, 0xFF}) {
      ASSERT_EQ(run(data, bytes, value), simd_detail::count_eq_scalar(data, bytes, value)) << int{value};
    }
  });
}

TEST(ByteLoops, SumU8AgreesWithTheScalarVersion) {
  for_each_case(sum_u8.variants(), 1, [](auto* run, const uint8_t* data, size_t bytes) {
    ASSERT_EQ(run(data, bytes), simd_detail::sum_u8_scalar(data, bytes));
  });
}

TEST(ByteLoops, SumU64AgreesWithTheScalarVersion) {
  for_each_case(sum_u64.variants(), 8, [](auto* run, const uint8_t* data, size_t bytes) {
    ASSERT_EQ(run(data, bytes), simd_detail::sum_u64_scalar(data, bytes));
  });
}

TEST(ByteLoops, MinMaxAgreesWithTheScalarVersion) {
  for_each_case(min_max_u8.variants(), 1, [](auto* run, const uint8_t* data, size_t bytes) {
    for (const MinMax start : {MinMax{}, MinMax{0, 0}, MinMax{255, 255}, MinMax{100, 101}}) {
      const MinMax got = run(data, bytes, start);
      const MinMax wanted = simd_detail::min_max_u8_scalar(data, bytes, start);
      ASSERT_EQ(got.min, wanted.min);
      ASSERT_EQ(got.max, wanted.max);
    }
  });
}

TEST(ByteLoops, MinMaxFindsTheOneExtremeWhereverItStands) {
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

/// In place, and not a byte beside the range.
template <class Function>
void check_in_place(std::span<const Variant<Function>> variants) {
  for_each_case(variants, 1, [&](auto* run, uint8_t* data, size_t bytes) {
    for (const uint8_t value : {1, 0x80, 0xFF}) {
      std::vector<uint8_t> wanted(data, data + bytes);
      variants[0].run(wanted.data(), bytes, value);
      run(data, bytes, value);
      ASSERT_TRUE(std::equal(wanted.begin(), wanted.end(), data)) << int{value};
    }
  });
  for (const auto& variant : variants) {
    if (variant.isa > detected_isa()) continue;
    for (const size_t bytes : lengths()) {
      std::vector<uint8_t> room(bytes + 128, 7);
      variant.run(&room[64], bytes, 5);
      for (size_t i = 0; i < 64; ++i) ASSERT_EQ(room[i] + room[64 + bytes + i], 14) << bytes;
    }
  }
}

TEST(ByteLoops, XorAgreesWithTheScalarVersion) { check_in_place(xor_imm8.variants()); }
TEST(ByteLoops, AddAgreesWithTheScalarVersion) { check_in_place(add_imm8.variants()); }

TEST(ByteLoops, SplitmixAgreesWithTheScalarVersion) {
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
