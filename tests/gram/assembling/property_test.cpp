// Random grams, lost, doubled, delayed and damaged on their way, against a model that only knows which frames arrived.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "random_stream.hpp"

namespace pfs::test {
namespace {

/// One stream, impaired as the seed has it, and what came of it. The first frame may be late like any other where the
/// receiver can know that the stream begins at 0; a stream that begins elsewhere is joined at its first frame.
void run_case(uint64_t seed, uint32_t grams, const Impairment& how) {
  SCOPED_TRACE("seed " + std::to_string(seed) + ", " + how.name);
  Random random(seed);
  const uint32_t number = static_cast<uint32_t>(0) - 20;  // wraps on the way
  const uint32_t seq = seed % 4 == 3 ? static_cast<uint32_t>(0) - 30 : 0;
  const Sent sent = random_stream(random, grams, seq, number, seed % 2 == 0 ? 1 + seed : 0);
  // Gaps are given up when no frame before them can still come: later than the greatest delay.
  RigConfig config;
  config.assembler = {.hold_frames = 128,
                      .max_held = 128,
                      .peer_held = 128,
                      .hold_ticks = (how.delay + 1) * 16u,
                      .open_grams = 8,
                      .max_streams = 1,
                      .max_peers = 1};
  config.pool = {.grams = 9, .descriptors = 2560, .slab_bytes = 640};  // as many as the longest grams need
  Rig rig(config);
  std::vector<uint32_t> good(sent.frames.size(), 0);
  if (seq != 0) {
    rig.take(sent.frames[0].bytes, 0);
    good[0] = 1;
  }
  uint64_t broken = 0;
  for (const Arrival& arrival : impair(random, sent.frames.size(), how)) {
    if (arrival.frame == 0 && seq != 0) continue;
    const Bytes& bytes = sent.frames[arrival.frame].bytes;
    broken += arrival.damaged;
    good[arrival.frame] += !arrival.damaged;
    rig.take(arrival.damaged ? damaged(random, bytes) : bytes, arrival.when);
    // Now and then, so that what happens between two looks at the clock happens too.
    if (below(random, 8) == 0) rig.age(arrival.when);
    if (testing::Test::HasFatalFailure()) return;
  }
  rig.flush();

  std::vector<uint32_t> arrived(sent.grams.size(), 0);
  std::vector<size_t> last(sent.grams.size(), 0);
  uint64_t frames_out = 0, duplicates = 0, incomplete = 0;
  for (size_t i = 0; i < good.size(); ++i) {
    last[sent.frames[i].gram] = i;
    if (good[i] == 0) continue;
    ++arrived[sent.frames[i].gram];
    duplicates += good[i] - 1;
  }
  std::map<uint32_t, const Given*> given;
  for (const Given& gram : rig.sink.given) {
    EXPECT_TRUE(given.emplace(gram.number, &gram).second) << "gram " << gram.number << " was given twice";
  }
  for (size_t i = 0; i < sent.grams.size(); ++i) {
    const bool whole = arrived[i] == sent.grams[i].frames;
    const auto found = given.find(sent.grams[i].number);
    ASSERT_EQ(found != given.end(), whole) << "gram " << i;
    ASSERT_TRUE(!whole || *found->second == sent.grams[i]) << "gram " << i << " differs";
    frames_out += whole ? arrived[i] : 0;
    incomplete += whole ? 0 : arrived[i];
  }
  const auto ends_before = [&](const Given& a, const Given& b) {
    return last[a.number - number] < last[b.number - number];
  };
  EXPECT_TRUE(std::is_sorted(rig.sink.given.begin(), rig.sink.given.end(), ends_before)) << "not in the order sent";
  EXPECT_EQ(given.size(), rig.sink.given.size());
  EXPECT_EQ(rig.counters().frames_out.get(), frames_out);
  EXPECT_EQ(rig.dropped(Drop::kDuplicate), duplicates);
  // A frame that denotes nothing does not miss its gram.
  EXPECT_EQ(rig.dropped(Drop::kIncompleteGram) + rig.dropped(Drop::kNoGram) + rig.counters().control_frames.get(),
            incomplete);
  EXPECT_EQ(rig.dropped(Drop::kTruncated) + rig.dropped(Drop::kBadVersion) + rig.dropped(Drop::kOutOfBounds), broken);
  EXPECT_EQ(rig.dropped(Drop::kCrcMismatch), 0u);
  // A stream joined late cannot verify its first window; nothing else may break one while every frame arrives.
  const uint64_t unverifiable = seq == 0 ? 0 : 1;
  EXPECT_TRUE(given.size() < sent.grams.size() || rig.counters().windows_broken.get() <= unverifiable);
}

constexpr Impairment kImpairments[] = {
    {"nothing", 0, 0, 0, 0},  {"reorder", 0, 0, 0, 40},         {"copies", 0, 200, 0, 40},
    {"loss", 20, 0, 0, 0},    {"heavy loss", 300, 0, 0, 0},     {"loss, reorder", 30, 0, 0, 40},
    {"damage", 0, 0, 200, 0}, {"damage, loss", 20, 0, 100, 20}, {"everything", 30, 100, 100, 60},
};

TEST(Property, WhatArrivesWholeIsGivenOnceInOrderAndTheLedgerCloses) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    for (const Impairment& how : kImpairments) {
      run_case(seed, 30, how);
      if (HasFailure()) return;
    }
  }
}

TEST(Property, TenThousandShortStreamsSurviveReorderCopiesAndLoss) {
  for (uint64_t seed = 1; seed <= 10000; ++seed) {
    run_case(seed, 6, {"reorder, copies, loss", 30, 100, 0, 1 + static_cast<uint32_t>(seed % 60)});
    if (HasFailure()) return;
  }
}

/// Anything at all, under any configuration: no crash, and the ledger closes after each frame (the rig checks).
TEST(Property, NoBytesUpsetIt) {
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Sent sent = random_stream(random, 40, 0, 0);
    RigConfig config;
    config.assembler = {.hold_frames = 1u << below(random, 6),
                        .hold_ticks = below(random, 200),
                        .gram_ticks = below(random, 400),
                        .open_grams = 1 + below(random, 4),
                        .max_streams = 3};
    if (seed % 2 == 0) config.assembler.bare = {{.port = 7, .crc = seed % 4 == 0}};
    config.pool = {
        .grams = 1 + below(random, 5), .descriptors = 1 + below(random, 300), .slab_bytes = below(random, 99)};
    Rig rig(config);
    uint64_t now = 0;
    for (uint32_t i = 0; i < 1000; ++i) {
      Bytes bytes;
      if (i % 2 == 0) {
        bytes.resize(below(random, 120));
        for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
        if (i % 4 == 0 && bytes.size() > 2) {
          bytes[0] = 0xE0;
          bytes[1] = static_cast<uint8_t>(0x10 | (bytes[1] & 15));
        }
      } else {
        bytes = sent.frames[(i / 2) % sent.frames.size()].bytes;
        for (uint32_t flips = below(random, 3); flips > 0; --flips) {
          bytes[below(random, static_cast<uint32_t>(bytes.size()))] ^= static_cast<uint8_t>(1u << below(random, 8));
        }
      }
      rig.take(bytes, now += below(random, 10));
      if (i % 16 == 0) rig.age(now);
      if (HasFatalFailure()) return;
    }
    rig.flush();
  }
}

}  // namespace
}  // namespace pfs::test
