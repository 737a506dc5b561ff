#include "simd/crc16/crc16.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <vector>

#include "guarded.hpp"
#include "simd/crc16/constants.hpp"
#include "simd/crc16/matrices.hpp"

namespace pfs {
namespace {

/// WIRE.md's definition, bit by bit.
uint16_t reference(uint16_t crc, const uint8_t* data, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) {
    crc = static_cast<uint16_t>(crc ^ data[i] << 8);
    for (int bit = 0; bit < 8; ++bit) crc = static_cast<uint16_t>((crc & 0x8000) != 0 ? crc << 1 ^ 0x1021 : crc << 1);
  }
  return crc;
}

/// x^n mod P, by multiplying by x n times.
uint32_t power_of_x(uint32_t n) {
  uint32_t value = 1;
  for (uint32_t i = 0; i < n; ++i) {
    value <<= 1;
    if ((value & 0x10000) != 0) value ^= 0x11021;
  }
  return value;
}

std::vector<uint8_t> random_bytes(size_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<uint8_t> bytes(count);
  for (auto& byte : bytes) byte = static_cast<uint8_t>(random());
  return bytes;
}

/// Every length around the registers' and loops' edges.
std::vector<size_t> lengths() {
  std::vector<size_t> all;
  for (size_t n = 0; n <= 700; ++n) all.push_back(n);
  for (const size_t n : {1023, 1024, 1025, 1500, 4095, 4096, 4097, 9000, 65536}) all.push_back(n);
  return all;
}

class Crc16 : public testing::TestWithParam<Variant<Crc16Function>> {
 protected:
  void SetUp() override {
    if (GetParam().isa > detected_isa()) GTEST_SKIP() << "this CPU has no " << name(GetParam().isa);
  }
  uint16_t crc(uint16_t start, const uint8_t* data, size_t bytes) { return GetParam().run(start, data, bytes); }
};

TEST_P(Crc16, CheckStringGives29B1) {
  const std::string text = "123456789";
  EXPECT_EQ(crc(kCrc16Start, reinterpret_cast<const uint8_t*>(text.data()), text.size()), 0x29B1);
}

TEST_P(Crc16, EqualsTheBitwiseReferenceOnEveryLength) {
  const auto bytes = random_bytes(65536 + 64, 1);
  for (const size_t n : lengths()) {
    for (const uint16_t start : {0xFFFF, 0x0000, 0x1234, 0x8001}) {
      for (const size_t offset : {0, 1, 7, 15, 33}) {
        if (n > 2000 && offset > 1) continue;
        ASSERT_EQ(crc(start, bytes.data() + offset, n), reference(start, bytes.data() + offset, n))
            << "bytes " << n << " offset " << offset << " start " << start;
      }
    }
  }
}

TEST_P(Crc16, EqualsTheReferenceOnAllOnesAndOnSingleBits) {
  for (size_t n = 1; n <= 300; ++n) {
    std::vector<uint8_t> bytes(n, 0xFF);
    ASSERT_EQ(crc(0xFFFF, bytes.data(), n), reference(0xFFFF, bytes.data(), n)) << "bytes " << n;
    for (const size_t one : {size_t{0}, n / 2, n - 1}) {
      std::fill(bytes.begin(), bytes.end(), uint8_t{0});
      bytes[one] = 0x80;
      ASSERT_EQ(crc(0, bytes.data(), n), reference(0, bytes.data(), n)) << "bytes " << n << " one at " << one;
    }
  }
}

TEST_P(Crc16, ReadsNothingOutsideItsBytes) {
  const auto bytes = random_bytes(4096, 2);
  Guarded memory(4096);
  for (size_t n = 0; n <= 600; ++n) {
    const uint16_t expected = reference(0xFFFF, bytes.data(), n);
    ASSERT_EQ(crc(0xFFFF, memory.at_end(bytes.data(), n), n), expected) << "at the end, bytes " << n;
    ASSERT_EQ(crc(0xFFFF, memory.at_start(bytes.data(), n), n), expected) << "at the start, bytes " << n;
  }
}

TEST_P(Crc16, GoesOnFromAnyCut) {
  const auto bytes = random_bytes(400, 3);
  const uint16_t whole = reference(0xFFFF, bytes.data(), bytes.size());
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    const uint16_t first = crc(0xFFFF, bytes.data(), cut);
    ASSERT_EQ(crc(first, bytes.data() + cut, bytes.size() - cut), whole) << "cut at " << cut;
  }
}

INSTANTIATE_TEST_SUITE_P(Variants, Crc16,
                         testing::ValuesIn(crc16_ccitt.variants().begin(), crc16_ccitt.variants().end()),
                         [](const auto& info) { return std::string(name(info.param.isa)); });

TEST(Crc16Choice, IsTheHighestVariantOfTheActiveLevel) {
  const auto bytes = random_bytes(100, 4);
  EXPECT_EQ(crc16_ccitt(0xFFFF, bytes.data(), 100), reference(0xFFFF, bytes.data(), 100));
  EXPECT_EQ(crc16_ccitt.chosen(), pick(crc16_ccitt.variants(), active_isa()));
}

TEST(Crc16Constants, ArePowersOfXModuloThePolynomial) {
  using namespace simd_detail;
  for (const auto& fold : {kFold256, kFold128, kFold64, kFold48, kFold32, kFold16, kFold0}) {
    EXPECT_EQ(fold.low, power_of_x(8 * fold.distance)) << "distance " << fold.distance;
    EXPECT_EQ(fold.high, power_of_x(8 * fold.distance + 64)) << "distance " << fold.distance;
  }
  EXPECT_EQ(kX64, power_of_x(64));
}

TEST(Crc16Constants, EveryProductCanBeWrittenAsAPairOfBytes) {
  std::set<uint32_t> high;
  for (uint32_t h = 0; h < 256; ++h) high.insert(simd_detail::times_byte(h, simd_detail::kPairWeight) >> 8);
  EXPECT_EQ(high.size(), 256u);
  EXPECT_EQ(simd_detail::kPairWeight, power_of_x(8 * simd_detail::kPairDistance));
}

TEST(Crc16Constants, BarrettIsTheQuotientOfX80) {
  unsigned __int128 rest = static_cast<unsigned __int128>(1) << 80;
  unsigned __int128 quotient = 0;
  for (int bit = 80; bit >= 16; --bit) {
    if ((rest >> bit & 1) == 0) continue;
    quotient |= static_cast<unsigned __int128>(1) << (bit - 16);
    rest ^= static_cast<unsigned __int128>(0x11021) << (bit - 16);
  }
  EXPECT_EQ(static_cast<uint64_t>(quotient), simd_detail::kBarrett);
  EXPECT_EQ(static_cast<uint64_t>(quotient >> 64), 1u);
}

}  // namespace
}  // namespace pfs
