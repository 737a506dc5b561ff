#include "blob/index.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <unordered_map>

#include "support.hpp"

namespace pfs {
namespace {

using test::Blob;

const ParallelFor kOrders[] = {test::forwards, test::backwards, test::threads};

std::array<uint8_t, 64> block_of(uint32_t value) {
  std::array<uint8_t, 64> block{};
  std::memcpy(&block[17], &value, sizeof value);
  return block;
}

TEST(BlockIndex, FindsEveryBlockOfTheL3RegionAndTheFirstOfEqualOnes) {
  constexpr uint64_t kSize = 10 * kMiB;  // more than one unit of parallel work
  Blob blob(kSize);
  fill_piece(blob.view(), 1, 0, kSize);
  std::mt19937 random(7);
  for (int i = 0; i < 20000; ++i) {  // equal blocks here and there
    const auto block = block_of(random() % 300);
    std::copy(block.begin(), block.end(), &blob.bytes()[kMiB + random() % ((kSize - kMiB) / 64) * 64]);
  }
  std::unordered_map<std::string_view, uint64_t> first;
  for (uint64_t at = kMiB; at < kSize; at += 64) {
    first.emplace(std::string_view(reinterpret_cast<char*>(&blob.bytes()[at]), 64), at);
  }
  ASSERT_LT(first.size(), (kSize - kMiB) / 64);
  for (const ParallelFor& order : kOrders) {
    const BlockIndex index = BlockIndex::build(blob.view(), order).value();
    for (const auto& [content, at] : first) {
      ASSERT_EQ(index.find(reinterpret_cast<const uint8_t*>(content.data())), at);
    }
  }
}

TEST(BlockIndex, WhatIsNotThereIsNotFound) {
  Blob blob(2 * kMiB);
  fill_piece(blob.view(), 1, 0, 2 * kMiB);
  const BlockIndex index = BlockIndex::build(blob.view(), test::forwards).value();
  for (uint32_t i = 0; i < 100000; ++i) ASSERT_FALSE(index.find(block_of(i).data())) << i;
  EXPECT_FALSE(index.find(&blob.bytes()[kMiB + 32]));  // between two blocks
  EXPECT_FALSE(index.find(&blob.bytes()[8192]));       // L2
  std::vector<uint8_t> near(blob.bytes().begin() + kMiB, blob.bytes().begin() + kMiB + 64);
  near[63] ^= 1;
  EXPECT_FALSE(index.find(near.data()));
}

TEST(BlockIndex, ABlobOfEqualBlocksTakesOneEntry) {
  for (const ParallelFor& order :
       {ParallelFor(test::forwards), ParallelFor(test::backwards), ParallelFor(test::threads)}) {
    Blob blob(18 * kMiB);
    const BlockIndex index = BlockIndex::build(blob.view(), order).value();
    EXPECT_EQ(index.find(&blob.bytes()[0]), kMiB);
    EXPECT_FALSE(index.find(block_of(1).data()));
  }
}

TEST(BlockIndex, ABlockThatChangedIsNotFoundAsItWas) {
  Blob blob(2 * kMiB);
  fill_piece(blob.view(), 1, 0, 2 * kMiB);
  const BlockIndex index = BlockIndex::build(blob.view(), test::forwards).value();
  const std::vector<uint8_t> before(blob.bytes().begin() + kMiB, blob.bytes().begin() + kMiB + 64);
  EXPECT_EQ(index.find(before.data()), kMiB);
  blob.bytes()[kMiB + 5] ^= 0x80;
  EXPECT_FALSE(index.find(before.data()));
}

TEST(BlockIndex, MemoryIsSixBytesA64ByteBlock) {
  const Layout layout = make_layout(kGiB + kMiB, 64).value();
  EXPECT_NEAR(static_cast<double>(BlockIndex::memory_bytes(layout)), 96.0 * kMiB, 64);
}

}  // namespace
}  // namespace pfs
