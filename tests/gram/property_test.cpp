// Random grams, lost, doubled, delayed and damaged on their way, against a model that only knows which frames arrived.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "rig.hpp"

namespace pfs::test {
namespace {

struct SentFrame {
  Bytes bytes;
  uint32_t gram;  ///< place in Sent::grams
};

struct Sent {
  std::vector<SentFrame> frames;
  std::vector<Given> grams;
};

using Random = std::mt19937_64;

uint32_t below(Random& random, uint32_t bound) { return static_cast<uint32_t>(random() % bound); }

/// Adds a range as WIRE.md says: merged into the one before it if it continues it, inside the frame only.
void denote(std::vector<Descriptor>& table, size_t first, Descriptor range) {
  if (table.size() > first && table.back().space == range.space &&
      table.back().offset + table.back().length == range.offset) {
    table.back().length += range.length;
  } else {
    table.push_back(range);
  }
}

/// Random units into the frame, and what they denote onto the gram.
void random_units(Random& random, Units& units, Given& gram) {
  const size_t first = gram.table.size();
  for (uint32_t n = below(random, 5); n > 0; --n) {
    const uint32_t kind = below(random, 5);
    if (kind < 3) {
      std::vector<uint32_t> refs(1 + below(random, random() % 8 == 0 ? 100 : 10));
      const uint64_t base[] = {4096, 8192, kL3};
      const uint64_t item[] = {1, 8, 64};
      for (uint32_t& ref : refs) {
        ref = below(random, 2) != 0 && &ref != refs.data() ? (&ref)[-1] : below(random, kind == 0 ? 250 : 16384);
        if (&ref != refs.data()) ref = (ref + 1) % 250;
        denote(gram.table, first, blob_range(base[kind] + ref * item[kind], item[kind]));
      }
      units.run(static_cast<int>(kind), refs);
    } else if (kind == 3) {
      Bytes data(below(random, 20));
      for (uint8_t& byte : data) byte = static_cast<uint8_t>(random());
      if (!data.empty()) denote(gram.table, first, slab_range(gram.slab.size(), data.size()));
      gram.slab.insert(gram.slab.end(), data.begin(), data.end());
      units.literal(data);
    } else {
      std::vector<uint16_t> deltas(below(random, 4)), lengths(deltas.size() + 1);
      for (uint16_t& delta : deltas) delta = static_cast<uint16_t>(below(random, 1000));
      for (uint16_t& length : lengths) length = static_cast<uint16_t>(below(random, 100));
      uint64_t offset = 50000;
      for (size_t i = 0; i < lengths.size(); ++i) {
        if (i > 0) offset += static_cast<uint64_t>(-3) + deltas[i - 1];
        denote(gram.table, first, blob_range(offset, 7u + lengths[i]));
        offset += 7u + lengths[i];
      }
      units.extents(50000, -3, 7, deltas, lengths);
    }
  }
}

/// Grams of 1 to 6 frames, up to three of them interleaved, in one stream from `seq` and `number` on, and a window's
/// mark now and then.
Sent random_stream(Random& random, uint32_t grams, uint32_t seq, uint32_t number) {
  struct Open {
    uint32_t place, left;
    uint16_t frag;
  };
  Sent sent;
  std::vector<Open> open;
  Bytes window;
  uint16_t window_id = 0;
  while (sent.grams.size() < grams || !open.empty()) {
    if (sent.grams.size() < grams && (open.empty() || (open.size() < 3 && below(random, 4) == 0))) {
      open.push_back({static_cast<uint32_t>(sent.grams.size()), 1 + below(random, 6), 0});
      sent.grams.push_back({.number = number++, .op = static_cast<uint8_t>(random()), .arg = random()});
      // Numbers count up in the order of opening, so the gram just opened sends its first frame now.
      std::swap(open.back(), open[0]);
    }
    const size_t which = open[0].frag == 0 ? 0 : below(random, static_cast<uint32_t>(open.size()));
    Open& at = open[which];
    Given& gram = sent.grams[at.place];
    Units units;
    if (at.frag == 0) units.gram(gram.op, gram.arg);
    random_units(random, units, gram);
    window.insert(window.end(), units.references.begin(), units.references.end());
    if (below(random, 4) == 0) {
      units.mark(window_id++, crc16(window));
      window.clear();
    }
    ++gram.frames;
    if (at.left == 1) units.gram_end(static_cast<uint16_t>(gram.frames));
    sent.frames.push_back({frame({.seq = seq++, .gram = gram.number, .frag = at.frag}, units), at.place});
    ++at.frag;
    if (--at.left == 0) open.erase(open.begin() + static_cast<ptrdiff_t>(which));
  }
  for (Given& gram : sent.grams) {
    for (const Descriptor& range : gram.table) gram.bytes += range.length;
  }
  return sent;
}

struct Impairment {
  const char* name;
  uint32_t loss, copies, damage;  ///< in 1,000
  uint32_t delay;                 ///< frames by which one may come late
};

struct Arrival {
  uint64_t when;
  size_t frame;
  bool damaged;
};

std::vector<Arrival> impair(Random& random, size_t frames, const Impairment& how) {
  std::vector<Arrival> arrivals;
  for (size_t i = 0; i < frames; ++i) {
    const auto when = [&] { return i * 16 + below(random, how.delay * 16 + 1); };
    if (below(random, 1000) < how.damage) arrivals.push_back({i * 16, i, true});
    if (below(random, 1000) < how.loss) continue;
    arrivals.push_back({when(), i, false});
    while (below(random, 1000) < how.copies) arrivals.push_back({when(), i, false});
  }
  std::stable_sort(arrivals.begin(), arrivals.end(), [](auto& a, auto& b) { return a.when < b.when; });
  return arrivals;
}

/// Broken so that every receiver sees it, in one of several ways.
Bytes damaged(Random& random, const Bytes& good) {
  Bytes bad = good;
  switch (below(random, 3)) {
    case 0:
      bad.resize(below(random, static_cast<uint32_t>(good.size())));
      return bad;
    case 1:
      bad[1] = static_cast<uint8_t>((bad[1] & 15) | 0x20);
      return bad;
    default:  // an L3 run out of bounds in front of all units
      bad.insert(bad.begin() + 16, {0x80, 0xFF, 0xFF, 0xFF, 0xFF});
      bad[14] = static_cast<uint8_t>((bad.size() - 16) >> 8);
      bad[15] = static_cast<uint8_t>(bad.size() - 16);
      return bad;
  }
}

void run_case(uint64_t seed, const Impairment& how) {
  SCOPED_TRACE("seed " + std::to_string(seed) + ", " + how.name);
  Random random(seed);
  const uint32_t number = static_cast<uint32_t>(0) - 20;  // wraps on the way
  const uint32_t seq = seed % 2 == 0 ? 0 : static_cast<uint32_t>(0) - 30;
  const Sent sent = random_stream(random, 60, seq, number);
  // Gaps are given up when no frame before them can still come: later than the greatest delay.
  RigConfig config;
  config.assembler = {.hold_frames = 128, .hold_ticks = (how.delay + 1) * 16u, .open_grams = 8};
  Rig rig(config);
  // The first frame always arrives first, or a stream that begins behind `hold_frames` begins elsewhere.
  rig.take(sent.frames[0].bytes, 0);
  std::vector<uint32_t> good(sent.frames.size(), 0);
  good[0] = 1;
  uint64_t broken = 0;
  for (const Arrival& arrival : impair(random, sent.frames.size(), how)) {
    if (arrival.frame == 0) continue;
    const Bytes& bytes = sent.frames[arrival.frame].bytes;
    broken += arrival.damaged;
    good[arrival.frame] += !arrival.damaged;
    rig.take(arrival.damaged ? damaged(random, bytes) : bytes, arrival.when);
    rig.age(arrival.when);
    if (testing::Test::HasFatalFailure()) return;
  }
  rig.flush();

  std::vector<uint32_t> arrived(sent.grams.size(), 0);
  uint64_t frames_out = 0, duplicates = 0, incomplete = 0;
  for (size_t i = 0; i < good.size(); ++i) {
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

TEST(Property, WhatArrivesWholeIsGivenOnceAndTheLedgerCloses) {
  const Impairment impairments[] = {
      {"nothing", 0, 0, 0, 0},  {"reorder", 0, 0, 0, 40},         {"copies", 0, 200, 0, 40},
      {"loss", 20, 0, 0, 0},    {"heavy loss", 300, 0, 0, 0},     {"loss, reorder", 30, 0, 0, 40},
      {"damage", 0, 0, 200, 0}, {"damage, loss", 20, 0, 100, 20}, {"everything", 30, 100, 100, 60},
  };
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    for (const Impairment& how : impairments) {
      run_case(seed, how);
      if (HasFailure()) return;
    }
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
