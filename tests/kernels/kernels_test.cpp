#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "base/endian.hpp"
#include "base/sha256.hpp"
#include "kernels/registry.hpp"
#include "rig.hpp"

namespace pfs {
namespace {

/// KERNELS.md, byte by byte over the denoted bytes.
struct Answer {
  uint64_t value = 0;
  Bytes bytes;
};

uint64_t crc_by_bits(const Bytes& bytes, uint64_t arg, int op) {
  (void)arg;
  uint64_t crc = op == 5 ? 0xFFFFFFFF : 0;
  for (const uint8_t byte : bytes) {
    crc ^= op == 5 ? byte : uint64_t{byte} << 56;
    for (int bit = 0; bit < 8; ++bit) {
      if (op == 5) {
        crc = crc >> 1 ^ ((crc & 1) != 0 ? 0x82F63B78 : 0);
      } else {
        crc = crc << 1 ^ (crc >> 63 != 0 ? 0x42F0E1EBA9EA3693 : 0);
      }
    }
  }
  return op == 5 ? crc ^ 0xFFFFFFFF : crc;
}

Answer histogram(const Bytes& bytes) {
  std::array<uint64_t, 256> counts{};
  for (const uint8_t byte : bytes) ++counts[byte];
  Answer answer{bytes.size(), Bytes(2048)};
  for (size_t i = 0; i < 256; ++i) {
    for (size_t k = 0; k < 8; ++k) answer.bytes[i * 8 + k] = static_cast<uint8_t>(counts[i] >> (56 - 8 * k));
  }
  return answer;
}

Answer reference(int op, const Bytes& bytes, uint64_t arg) {
  uint64_t value = 0;
  switch (op) {
    case 1:
      value = arg == 0 ? 0xCBF29CE484222325 : arg;
      for (const uint8_t byte : bytes) value = (value ^ byte) * 0x100000001B3;
      return {value, {}};
    case 4:
      return {static_cast<uint64_t>(std::count(bytes.begin(), bytes.end(), static_cast<uint8_t>(arg))), {}};
    case 5:
    case 7:
      return {crc_by_bits(bytes, arg, op), {}};
    case 6:
      return histogram(bytes);
    case 8:
      for (const uint8_t byte : bytes) value += byte;
      return {value, {}};
    case 9:
      return {*std::min_element(bytes.begin(), bytes.end()) * 256ULL + *std::max_element(bytes.begin(), bytes.end()),
              {}};
    case 10:
      for (size_t i = 0; i < bytes.size(); i += 8) {
        for (size_t k = 0; k < 8; ++k) value += uint64_t{bytes[i + k]} << (8 * k);
      }
      return {value, {}};
    case 11: {
      Sha256 sha;
      sha.update(bytes);
      const Sha256Digest digest = sha.finish();
      for (size_t k = 0; k < 8; ++k) value = value << 8 | digest[k];
      return {value, {digest.begin(), digest.end()}};
    }
    default:
      return {};
  }
}

class Kernels : public KernelRig {};

TEST_F(Kernels, AreTheElevenOfKernelsMd) {
  const std::map<int, std::string> named = {{1, "fnv1a64"},    {2, "xor_imm8"}, {3, "add_imm8"}, {4, "count_eq_imm8"},
                                            {5, "crc32c"},     {6, "hist8"},    {7, "crc64"},    {8, "sum_u8"},
                                            {9, "min_max_u8"}, {10, "sum_u64"}, {11, "sha256"}};
  for (int op = 0; op < 256; ++op) {
    const Kernel* kernel = find_kernel(static_cast<uint8_t>(op));
    ASSERT_EQ(kernel != nullptr, named.contains(op)) << op;
    if (kernel == nullptr) continue;
    EXPECT_EQ(kernel->op, op);
    EXPECT_EQ(kernel->name, named.at(op));
    EXPECT_EQ(kernel->in_place, op == 2 || op == 3) << op;
  }
}

TEST_F(Kernels, ReadersAgreeWithTheReferenceOnAnyTable) {
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    for (const int op : {1, 4, 5, 6, 7, 8, 9, 10, 11}) {
      std::mt19937 random(seed);
      const auto table = random_table(random, op == 10 ? 8 : 1);
      const uint64_t arg = seed % 4 == 0 ? 0 : uint64_t{random()} << 32 | random();
      const Outcome got = run(static_cast<uint8_t>(op), table, arg);
      const Answer wanted = reference(op, denoted(table), arg);
      ASSERT_EQ(got.status, Status::kDone) << "op " << op << ", seed " << seed;
      ASSERT_EQ(got.value, wanted.value) << "op " << op << ", seed " << seed;
      ASSERT_EQ(got.bytes, wanted.bytes) << "op " << op << ", seed " << seed;
    }
  }
}

TEST_F(Kernels, WritersAgreeWithTheReferenceAlsoWhereRangesOverlap) {
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    for (const uint8_t op : {uint8_t{2}, uint8_t{3}}) {
      std::mt19937 random(seed);
      const auto table = random_table(random, 1, false);
      const uint64_t arg = seed % 10 == 0 ? 0x100 : random();
      const auto operand = static_cast<uint8_t>(arg);
      Bytes wanted = blob_;
      uint64_t changed = 0;
      for (const Descriptor& descriptor : table) {
        for (uint64_t i = descriptor.offset; i < descriptor.offset + descriptor.length; ++i) {
          const auto after = static_cast<uint8_t>(op == 2 ? wanted[i] ^ operand : wanted[i] + operand);
          changed += after != wanted[i];
          wanted[i] = after;
        }
      }
      const Outcome got = run(op, table, arg);
      ASSERT_EQ(got.status, Status::kDone);
      ASSERT_EQ(got.value, changed) << "op " << int{op} << ", seed " << seed;
      ASSERT_TRUE(got.bytes.empty());
      ASSERT_EQ(blob_, wanted) << "op " << int{op} << ", seed " << seed;
    }
  }
}

TEST_F(Kernels, OfOneLongRunOfEqualBytesHistogramAndCountAreExact) {
  std::fill(blob_.begin(), blob_.end(), 0xAA);
  const std::vector<Descriptor> all = {blob_range(0, 65536), blob_range(1, 65535)};
  EXPECT_EQ(run(4, all, 0xFFAA).value, 131071U);
  EXPECT_EQ(run(4, all, 0xAAFF).value, 0U);  // only the low byte counts
  const Outcome histogram = run(6, all);
  EXPECT_EQ(histogram.value, 131071U);
  EXPECT_EQ(load_be<uint64_t>(&histogram.bytes[0xAA * 8]), 131071U);
}

TEST_F(Kernels, AHistogramFindsTheOneOtherByteWhereverItStands) {
  for (size_t at = 0; at < 130; ++at) {
    std::fill(blob_.begin(), blob_.end(), 0xAA);
    blob_[at] = 0x55;
    const Outcome histogram = run(6, std::vector{blob_range(0, 256)});
    ASSERT_EQ(load_be<uint64_t>(&histogram.bytes[0x55 * 8]), 1U) << "at " << at;
    ASSERT_EQ(load_be<uint64_t>(&histogram.bytes[0xAA * 8]), 255U) << "at " << at;
  }
}

TEST_F(Kernels, AHistogramOfManyMegabytesLosesNothing) {
  const std::vector<Descriptor> table(150, blob_range(1, 65535));  // 9.8 MB: more than is counted at a stretch, twice
  const Outcome once = run(6, std::vector{blob_range(1, 65535)});
  const Outcome all = run(6, table);
  EXPECT_EQ(all.value, 150U * 65535);
  for (size_t at = 0; at < 2048; at += 8) {
    ASSERT_EQ(load_be<uint64_t>(&all.bytes[at]), 150 * load_be<uint64_t>(&once.bytes[at])) << "value " << at / 8;
  }
}

TEST_F(Kernels, OfNoBytesAreWhatTheirDefinitionGives) {
  EXPECT_EQ(run(1, {}).value, 0xCBF29CE484222325U);
  EXPECT_EQ(run(1, {}, 5).value, 5U);
  for (const uint8_t op : {2, 3, 4, 5, 6, 7, 8, 10}) {
    EXPECT_EQ(run(op, {}, 1).status, Status::kDone) << int{op};
    EXPECT_EQ(run(op, {}, 1).value, 0U) << int{op};
  }
  EXPECT_EQ(run(6, {}).bytes, Bytes(2048));
  EXPECT_EQ(run(11, {}).value, 0xE3B0C44298FC1C14U);  // FIPS 180: SHA-256 of nothing
  const Outcome least = run(9, {});
  EXPECT_EQ(least.status, Status::kBadArgument);
  EXPECT_EQ(least.value, 0U);
}

TEST_F(Kernels, AnUnknownOpGivesNothing) {
  const std::vector<Descriptor> table = {blob_range(0, 64)};
  for (const uint8_t op : {0, 12, 200, 255}) {
    const Outcome got = run(op, table, 1);
    EXPECT_EQ(got.status, Status::kUnknownOp);
    EXPECT_EQ(got.value, 0U);
    EXPECT_TRUE(got.bytes.empty());
  }
}

TEST_F(Kernels, SumU64RefusesALengthThatIsNoMultipleOf8) {
  const Outcome got = run(10, std::vector{blob_range(0, 64), blob_range(64, 12), blob_range(128, 4)});
  EXPECT_EQ(got.status, Status::kBadArgument);
  EXPECT_EQ(got.value, 0U);
  EXPECT_EQ(run(10, std::vector{blob_range(3, 8)}).status, Status::kDone);  // any alignment
}

TEST_F(Kernels, WritersChangeNothingWhereOneRangeIsNotGranted) {
  const Bytes before = blob_;
  grants_ = {{7, 1000, 100}, {8, 0, 65536}};
  const std::vector<std::vector<Descriptor>> tables = {
      {blob_range(1000, 100), blob_range(999, 1)},
      {blob_range(1000, 101)},
      {blob_range(1000, 10), slab_range(0, 10)},
      {slab_range(1000, 10)},
  };
  for (const auto& table : tables) {
    for (const uint8_t op : {2, 3}) {
      const Outcome got = run(op, table, 0xFF);
      EXPECT_EQ(got.status, Status::kNotPermitted);
      EXPECT_EQ(got.value, 0U);
      EXPECT_EQ(blob_, before);
    }
    EXPECT_EQ(run(4, table).status, Status::kDone);  // reading needs no grant
  }
  EXPECT_EQ(run(2, std::vector{blob_range(1000, 100)}, 0xFF).value, 100U);
  EXPECT_NE(blob_, before);
}

TEST_F(Kernels, Sha256StartsAfreshForEachGram) {
  const std::vector<Descriptor> table = {blob_range(5, 100), slab_range(0, 50)};
  const Outcome first = run(11, table);
  run(11, std::vector{blob_range(0, 1)});
  EXPECT_EQ(run(11, table).bytes, first.bytes);
}

}  // namespace
}  // namespace pfs
