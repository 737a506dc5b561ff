#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "base/endian.hpp"
#include "reference.hpp"
#include "rig.hpp"

namespace pfs {
namespace {

class Kernels : public KernelRig {};

/// Every kernel of the registry with its reference.
template <class Check>
void for_each_kernel(Check check) {
  for (const std::string_view name : kernel_names()) {
    const Kernel& kernel = *find_kernel(name);
    const Reference* reference = find_reference(kernel.op);
    ASSERT_NE(reference, nullptr) << name << " has no reference; write tests/kernels/" << name << "/reference.cpp";
    check(kernel, *reference);
    if (testing::Test::HasFatalFailure()) return;
  }
}

/// The rows of the first table in KERNELS.md: `| op | name | ...`. The tables further on are those of programs.
std::map<int, std::string> documented_kernels() {
  std::ifstream file(PFS_KERNELS_MD);
  std::map<int, std::string> rows;
  for (std::string line; std::getline(file, line) && !line.starts_with("## ");) {
    std::istringstream words(line);
    std::string bar;
    std::string second_bar;
    std::string name;
    int op = 0;
    if (words >> bar >> op >> second_bar >> name && bar == "|" && second_bar == "|" && op != 0) rows[op] = name;
  }
  return rows;
}

TEST_F(Kernels, AreThoseOfKernelsMdEachWithAnOpcodeOfItsOwn) {
  std::map<int, std::string> registered;
  for (const std::string_view name : kernel_names()) registered[find_kernel(name)->op] = name;
  EXPECT_EQ(registered, documented_kernels()) << "lib/kernels/KERNELS.md and the registry differ";
  const Kernel* doubled = doubly_registered();
  EXPECT_EQ(doubled, nullptr) << "op " << int{doubled->op} << " of " << doubled->name << " is taken by "
                              << find_kernel(doubled->op)->name;
}

TEST_F(Kernels, WriteWhereTheirReferencesDo) {
  for_each_kernel([](const Kernel& kernel, const Reference& reference) {
    EXPECT_EQ(kernel.in_place, reference.change != nullptr) << kernel.name;
    EXPECT_EQ(reference.answer == nullptr, reference.change != nullptr) << kernel.name;
  });
}

TEST_F(Kernels, ReadersAgreeWithTheReferenceOnAnyTable) {
  for_each_kernel([this](const Kernel& kernel, const Reference& reference) {
    for (uint32_t seed = 1; seed <= 60 && !kernel.in_place; ++seed) {
      std::mt19937 random(seed);
      const auto table = random_table(random, reference.unit);
      const uint64_t arg = seed % 4 == 0 ? 0 : uint64_t{random()} << 32 | random();
      const Outcome got = run(kernel.op, table, arg);
      const Answer wanted = reference.answer(denoted(table), arg);
      ASSERT_EQ(got.status, Status::kDone) << kernel.name << ", seed " << seed;
      ASSERT_EQ(got.value, wanted.value) << kernel.name << ", seed " << seed;
      ASSERT_EQ(got.bytes, wanted.bytes) << kernel.name << ", seed " << seed;
    }
  });
}

TEST_F(Kernels, WritersAgreeWithTheReferenceAlsoWhereRangesOverlap) {
  for_each_kernel([this](const Kernel& kernel, const Reference& reference) {
    for (uint32_t seed = 1; seed <= 60 && kernel.in_place; ++seed) {
      std::mt19937 random(seed);
      const auto table = random_table(random, reference.unit, false);
      const uint64_t arg = seed % 10 == 0 ? 0x100 : random();
      Bytes wanted = blob_;
      uint64_t changed = 0;
      for (const Descriptor& descriptor : table) {
        for (uint64_t i = descriptor.offset; i < descriptor.offset + descriptor.length; ++i) {
          const uint8_t after = reference.change(wanted[i], arg);
          changed += after != wanted[i];
          wanted[i] = after;
        }
      }
      const Outcome got = run(kernel.op, table, arg);
      ASSERT_EQ(got.status, Status::kDone);
      ASSERT_EQ(got.value, changed) << kernel.name << ", seed " << seed;
      ASSERT_TRUE(got.bytes.empty());
      ASSERT_EQ(blob_, wanted) << kernel.name << ", seed " << seed;
    }
  });
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
  for (const uint8_t op : {0, 63, 200, 255}) {
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
