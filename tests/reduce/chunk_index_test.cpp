#include "reduce/chunk_index.hpp"

#include <gtest/gtest.h>

#include <unordered_map>

#include "support.hpp"

namespace pfs::reduce {
namespace {

using namespace test;
using Insertion = ChunkIndex::Insertion;

TEST(ChunkIndex, DoesWhatAMapDoesAsLongAsThereIsRoom) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    ChunkIndex index = ChunkIndex::create(2000).value();
    std::unordered_map<uint64_t, uint64_t> expected;
    std::mt19937_64 random(seed);
    std::vector<uint64_t> keys(3000);
    for (uint64_t& key : keys) key = random();
    for (int step = 0; step < 40000; ++step) {
      const uint64_t key = keys[random() % keys.size()];
      const uint64_t offset = random() % ChunkIndex::kOffsetEnd;
      const auto there = expected.find(key);
      if (random() % 3 == 0) {
        const uint64_t wrong = there == expected.end() ? offset : there->second + 1;
        ASSERT_FALSE(index.erase(key, wrong)) << "seed " << seed;
        if (there != expected.end()) {
          ASSERT_TRUE(index.erase(key, there->second)) << "seed " << seed;
          expected.erase(there);
        }
      } else if (expected.size() < 1900 || there != expected.end()) {
        ASSERT_EQ(index.insert(key, offset), there == expected.end() ? Insertion::kDone : Insertion::kThere)
            << "seed " << seed;
        expected.emplace(key, offset);
      }
      ASSERT_EQ(index.count(), expected.size());
    }
    for (const uint64_t key : keys) {
      const auto there = expected.find(key);
      const auto found = index.find(key);
      ASSERT_EQ(found.has_value(), there != expected.end()) << "seed " << seed;
      ASSERT_EQ(found.value_or(1), there == expected.end() ? 1 : there->second) << "seed " << seed;
    }
  }
}

TEST(ChunkIndex, TakesAsManyChunksAsItWasMadeFor) {
  constexpr uint64_t kChunks = 1 << 20;
  ChunkIndex index = ChunkIndex::create(kChunks).value();
  for (uint64_t i = 0; i < kChunks; ++i) {
    const Insertion inserted = index.insert(splitmix_mix(i + 1), i);
    // Two keys in a million may look alike; none is turned away.
    ASSERT_NE(inserted, Insertion::kFull) << i;
  }
  EXPECT_GE(index.count(), kChunks - 5);
}

TEST(ChunkIndex, SaysWhatDidNotFitAndKeepsTheRest) {
  ChunkIndex index = ChunkIndex::create(1000).value();
  std::vector<uint64_t> kept;
  uint64_t full = 0;
  for (uint64_t i = 0; i < 5000; ++i) {
    const uint64_t key = splitmix_mix(i + 1);
    const Insertion inserted = index.insert(key, i);
    full += inserted == Insertion::kFull;
    if (inserted == Insertion::kDone) kept.push_back(i);
  }
  EXPECT_EQ(index.count(), kept.size());
  EXPECT_EQ(full + kept.size(), 5000u);
  EXPECT_GT(kept.size(), 1200u);  // of 1,264 slots
  for (const uint64_t i : kept) ASSERT_EQ(index.find(splitmix_mix(i + 1)), i);
}

TEST(ChunkIndex, TheFirstOfEqualKeysStaysAlsoInItsOtherBucket) {
  ChunkIndex index = ChunkIndex::create(64).value();
  for (uint64_t i = 0; i < 60; ++i) ASSERT_EQ(index.insert(splitmix_mix(i), i), Insertion::kDone);
  for (uint64_t i = 0; i < 60; ++i) EXPECT_EQ(index.insert(splitmix_mix(i), 1000 + i), Insertion::kThere);
  for (uint64_t i = 0; i < 60; ++i) EXPECT_EQ(index.find(splitmix_mix(i)), i);
}

TEST(ChunkIndex, ManyKeysAtATimeAreFoundAsOneIs) {
  ChunkIndex index = ChunkIndex::create(500).value();
  std::vector<uint64_t> keys;
  for (uint64_t i = 0; i < 600; ++i) {
    keys.push_back(splitmix_mix(i));
    if (i % 3 != 0) index.insert(keys.back(), i);
  }
  std::vector<uint64_t> offsets(keys.size());
  index.find(keys, offsets.data());
  for (size_t i = 0; i < keys.size(); ++i) {
    EXPECT_EQ(offsets[i], index.find(keys[i]).value_or(ChunkIndex::kNowhere));
    EXPECT_EQ(offsets[i] != ChunkIndex::kNowhere, i % 3 != 0);
  }
}

TEST(ChunkIndex, MemoryIsWithinTwelveMiBAGiB) {
  constexpr uint64_t kGiB = uint64_t{1} << 30;
  EXPECT_LE(ChunkIndex::memory_bytes(kGiB / 2048), 12u << 20);
  // A chunker of 1 KiB makes chunks of 1,256 bytes in the mean of random content, and 2 KiB ones of 2,512.
  EXPECT_LE(ChunkIndex::memory_bytes(kGiB / 1256), 12u << 20);
}

TEST(ChunkIndex, TheSameCallsGiveTheSameIndex) {
  ChunkIndex a = ChunkIndex::create(300).value();
  ChunkIndex b = ChunkIndex::create(300).value();
  for (uint64_t i = 0; i < 1000; ++i) {
    ASSERT_EQ(a.insert(splitmix_mix(i), i), b.insert(splitmix_mix(i), i));
    if (i % 7 == 0) {
      ASSERT_EQ(a.erase(splitmix_mix(i / 2), i / 2), b.erase(splitmix_mix(i / 2), i / 2));
    }
  }
  for (uint64_t i = 0; i < 1000; ++i) ASSERT_EQ(a.find(splitmix_mix(i)), b.find(splitmix_mix(i)));
}

TEST(ChunkKey, SpeaksOfAChunksBeginning) {
  Bytes chunk = random_bytes(1000, 1);
  const uint64_t key = chunk_key(chunk.data(), chunk.size());
  chunk[kKeyBytes] ^= 1;
  EXPECT_EQ(chunk_key(chunk.data(), chunk.size()), key);
  chunk[kKeyBytes - 1] ^= 1;
  EXPECT_NE(chunk_key(chunk.data(), chunk.size()), key);
}

}  // namespace
}  // namespace pfs::reduce
