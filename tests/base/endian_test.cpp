#include "base/endian.hpp"

#include <gtest/gtest.h>

#include <array>

#include "base/counter.hpp"
#include "base/descriptor.hpp"

namespace pfs {
namespace {

constexpr std::array<uint8_t, 9> kBytes = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08};

TEST(Endian, BigEndianReadsTheFirstByteAsTheHighest) {
  const uint8_t* odd = kBytes.data() + 1;
  EXPECT_EQ(load_be<uint8_t>(odd), 0x01);
  EXPECT_EQ(load_be<uint16_t>(odd), 0x0102);
  EXPECT_EQ(load_be<uint32_t>(odd), 0x01020304u);
  EXPECT_EQ(load_be<uint64_t>(odd), 0x0102030405060708u);
}

TEST(Endian, LittleEndianReadsTheFirstByteAsTheLowest) {
  const uint8_t* odd = kBytes.data() + 1;
  EXPECT_EQ(load_le<uint8_t>(odd), 0x01);
  EXPECT_EQ(load_le<uint16_t>(odd), 0x0201);
  EXPECT_EQ(load_le<uint32_t>(odd), 0x04030201u);
  EXPECT_EQ(load_le<uint64_t>(odd), 0x0807060504030201u);
}

TEST(Endian, StoresWhatItLoadsAndTouchesNothingBeside) {
  std::array<uint8_t, 10> room{};
  store_be<uint64_t>(room.data() + 1, 0x0102030405060708u);
  EXPECT_EQ(room, (std::array<uint8_t, 10>{0, 1, 2, 3, 4, 5, 6, 7, 8, 0}));
  store_le<uint32_t>(room.data() + 3, 0xAABBCCDDu);
  EXPECT_EQ(room, (std::array<uint8_t, 10>{0, 1, 2, 0xDD, 0xCC, 0xBB, 0xAA, 7, 8, 0}));
}

TEST(Descriptor, HoldsA63BitLengthBesideItsSpace) {
  const Descriptor range = blob_range(UINT64_MAX, (uint64_t{1} << 63) - 1);
  EXPECT_TRUE(range.in_blob());
  EXPECT_EQ(range.length, (uint64_t{1} << 63) - 1);
  EXPECT_FALSE(slab_range(0, 1).in_blob());
  EXPECT_NE(slab_range(0, 1), blob_range(0, 1));
}

TEST(Counter, AddsAndSets) {
  Counter counter;
  counter.add(5);
  counter.add(UINT64_MAX);
  EXPECT_EQ(counter.get(), 4u);
  counter.set(7);
  EXPECT_EQ(counter.get(), 7u);
}

}  // namespace
}  // namespace pfs
