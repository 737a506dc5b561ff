// Faulty frames change nothing: a stream with one in it ends exactly like the stream without.
#include <gtest/gtest.h>

#include <functional>

#include "rig.hpp"

namespace pfs::test {
namespace {

/// What is seen from outside of a stream.
struct Outcome {
  std::vector<Given> given;
  uint64_t references, verified, broken, missing, incomplete;
  uint32_t next;
  bool operator==(const Outcome&) const = default;
};

Outcome outcome(const Rig& rig) {
  const AssemblerCounters& c = rig.counters();
  return {rig.sink.given,
          c.references.get(),
          c.windows_verified.get(),
          c.windows_broken.get(),
          c.frames_missing.get(),
          c.grams_incomplete.get(),
          rig.next()};
}

/// Two grams of three frames and a window that ends in the last of them.
std::vector<std::pair<Place, Units>> good_stream() {
  std::vector<std::pair<Place, Units>> frames;
  Bytes window;
  for (uint32_t i = 0; i < 6; ++i) {
    Units units;
    if (i % 3 == 0) units.gram(static_cast<uint8_t>(i), i);
    units.literal({uint8_t(i), 2}).run(2, {i, i + 1}).extents(4096, 8, 5, {1}, {0, 2}).run(1, {i});
    window.insert(window.end(), units.references.begin(), units.references.end());
    if (i == 5) units.mark(0, crc16(window));
    if (i % 3 == 2) units.gram_end(3, 9, 0);
    frames.push_back({{.seq = i, .gram = i / 3, .frag = static_cast<uint16_t>(i % 3)}, units});
  }
  return frames;
}

struct Fault {
  const char* name;
  Drop drop;
  std::function<Bytes(const Place&, const Units&)> make;
};

/// Each takes the good frame and breaks it behind everything that is good in it.
std::vector<Fault> faults() {
  const auto with = [](std::function<void(Units&)> add) {
    return [add](const Place& place, Units units) {
      add(units);
      return frame(place, units);
    };
  };
  return {
      {"cut short", Drop::kTruncated,
       [](const Place& place, const Units& units) {
         Bytes bytes = frame(place, units);
         bytes.pop_back();
         return bytes;
       }},
      {"another version", Drop::kBadVersion,
       [](const Place& place, const Units& units) {
         Bytes bytes = frame(place, units);
         bytes[1] ^= 0x30;
         return bytes;
       }},
      {"run cut short", Drop::kTruncated, with([](Units& u) { u.put(0x81, 1).put(0, 7); })},
      {"unknown tag", Drop::kBadUnit, with([](Units& u) { u.put(0xC7, 1); })},
      {"long count for a short run", Drop::kBadRun, with([](Units& u) { u.put(0x3F, 1).put(5, 2).put(0, 6); })},
      {"too wide extents", Drop::kBadExtents,
       with([](Units& u) { u.put(0xC1, 1).put(0, 1).put(65, 1).put(0, 21).put(0, 64); })},
      {"extent of no bytes", Drop::kBadExtents,
       with([](Units& u) { u.run(2, {77}).put(0xC1, 1).put(0, 3).put(4096, 8).put(0, 12); })},
      {"run out of bounds", Drop::kOutOfBounds, with([](Units& u) {
         u.run(2, {5, 16384});
       })},
      {"extent out of bounds", Drop::kOutOfBounds, with([](Units& u) { u.extents(kBlobBytes - 4, 0, 5, {}, {0}); })},
      {"wrong CRC", Drop::kCrcMismatch, with([](Units& u) { u.mark(0, 0x5555); })},
      {"two GRAMs", Drop::kBadUnit, with([](Units& u) { u.gram().gram(); })},
      {"GRAM_END twice", Drop::kBadUnit, with([](Units& u) { u.gram_end().gram_end(); })},
      {"bytes behind GRAM_END", Drop::kBadUnit, with([](Units& u) { u.gram_end().run(2, {1}); })},
      {"literal behind GRAM_END", Drop::kBadUnit, with([](Units& u) { u.gram_end().literal({1}); })},
  };
}

TEST(Fault, ChangesNothingWhereverItComes) {
  const auto stream = good_stream();
  Rig clean;
  for (const auto& [place, units] : stream) clean.take(frame(place, units));
  const Outcome expected = outcome(clean);
  ASSERT_EQ(expected.given.size(), 2u);
  ASSERT_EQ(expected.verified, 1u);
  for (const Fault& fault : faults()) {
    for (size_t at = 0; at < stream.size(); ++at) {
      SCOPED_TRACE(std::string(fault.name) + ", before frame " + std::to_string(at));
      Rig rig;
      for (size_t i = 0; i < stream.size(); ++i) {
        if (i == at) {
          // Behind a GRAM_END everything is a bad unit; then the fault's own name is not what is asked here.
          const bool ends = i % 3 == 2;
          const Drop name =
              ends && fault.drop != Drop::kTruncated && fault.drop != Drop::kBadVersion ? Drop::kNone : fault.drop;
          EXPECT_TRUE(rig.take(fault.make(stream[i].first, stream[i].second)));
          EXPECT_EQ(rig.all_dropped(), 1u);
          if (name != Drop::kNone) {
            EXPECT_EQ(rig.dropped(name), 1u);
          }
        }
        rig.take(frame(stream[i].first, stream[i].second));
      }
      EXPECT_EQ(outcome(rig), expected);
    }
  }
}

TEST(Fault, IsNamedBeforeItsTurnToo) {
  const auto stream = good_stream();
  for (const Fault& fault : faults()) {
    if (fault.drop == Drop::kCrcMismatch) continue;  // only in its turn can that be known
    SCOPED_TRACE(fault.name);
    Rig rig;
    EXPECT_TRUE(rig.take(fault.make(stream[1].first, Units())));
    EXPECT_EQ(rig.dropped(fault.drop), 1u);
    EXPECT_TRUE(rig.sink.held.empty());
  }
}

TEST(Fault, EveryTruncationChangesNothing) {
  const auto stream = good_stream();
  Rig clean;
  for (const auto& [place, units] : stream) clean.take(frame(place, units));
  const Bytes whole = frame(stream[0].first, stream[0].second);
  Rig rig;
  for (size_t bytes = 0; bytes < whole.size(); ++bytes) rig.take({whole.begin(), whole.begin() + ptrdiff_t(bytes)});
  EXPECT_EQ(rig.dropped(Drop::kTruncated), whole.size());
  for (const auto& [place, units] : stream) rig.take(frame(place, units));
  EXPECT_EQ(outcome(rig), outcome(clean));
}

TEST(Fault, HeldFrameWithAWrongCrcLeavesItsPlaceForAGoodCopy) {
  Rig rig;
  const Units good = Units().gram().run(2, {1}).gram_end();
  const Units second = Units().gram().run(2, {2});
  Bytes window = good.references;
  window.insert(window.end(), second.references.begin(), second.references.end());
  rig.take(frame({.seq = 1, .gram = 1}, Units(second).mark(0, 0x1111).gram_end()));
  rig.take(frame({.seq = 0, .gram = 0}, good));
  EXPECT_EQ(rig.dropped(Drop::kCrcMismatch), 1u);
  EXPECT_EQ(rig.next(), 1u);
  rig.take(frame({.seq = 1, .gram = 1}, Units(second).mark(0, crc16(window)).gram_end()));
  EXPECT_EQ(rig.numbers(), (std::vector<uint32_t>{0, 1}));
  EXPECT_EQ(rig.counters().windows_verified.get(), 1u);
}

TEST(Window, MissingFrameBreaksItsWindowOnly) {
  Rig rig;
  Units last = Units().run(2, {1});
  const uint16_t crc = crc16(last.references);
  rig.take(frame({.seq = 0, .gram = 0}, Units().gram().run(2, {9}).gram_end()));
  rig.take(frame({.seq = 2, .gram = 2}, Units().gram().mark(0, 0x1234).run(2, {1}).mark(1, crc).gram_end()));
  rig.flush();
  EXPECT_EQ(rig.counters().windows_broken.get(), 1u);
  EXPECT_EQ(rig.counters().windows_verified.get(), 1u);
  EXPECT_EQ(rig.all_dropped(), 0u);
  rig.take(frame({.seq = 3, .gram = 3}, Units().gram().run(2, {1}).mark(2, 0x1234).gram_end()));
  EXPECT_EQ(rig.dropped(Drop::kCrcMismatch), 1u) << "the window behind a broken one is whole again";
}

TEST(Window, UnexpectedIdIsNoFault) {
  Rig rig;
  const uint16_t crc = crc16(Units().run(2, {1}).references);
  rig.take(frame({.seq = 0, .gram = 0}, Units().gram().run(2, {1}).mark(40000, crc).gram_end()));
  EXPECT_EQ(rig.counters().windows_verified.get(), 1u);
  rig.take(frame({.seq = 1, .gram = 1}, Units().gram().run(2, {1}).mark(7, 0x1234).gram_end()));
  EXPECT_EQ(rig.dropped(Drop::kCrcMismatch), 1u);
}

TEST(Window, StreamJoinedLateCannotVerifyItsFirst) {
  Rig rig;
  rig.take(frame({.seq = 1000, .gram = 0}, Units().gram().run(2, {1}).mark(3, 0x1234).gram_end()));
  EXPECT_EQ(rig.counters().windows_broken.get(), 1u);
  EXPECT_EQ(rig.sink.given.size(), 1u);
}

TEST(Window, MarksWithoutCrcOnlyAdvance) {
  Rig rig;
  rig.take(frame({.seq = 0, .gram = 0, .flags = 0}, Units().gram().run(2, {1}).mark_without_crc(0).gram_end()));
  EXPECT_EQ(rig.counters().windows_verified.get() + rig.counters().windows_broken.get(), 0u);
  rig.take(frame({.seq = 1, .gram = 1, .flags = 0}, Units().gram().run(2, {1}).gram_end()));
  rig.take(frame({.seq = 2, .gram = 2}, Units().gram().mark(1, 0x1234).gram_end()));
  EXPECT_EQ(rig.counters().windows_broken.get(), 1u) << "references without a CRC cannot be verified by one";
}

TEST(Window, LostGramsReferencesStillRunThroughIt) {
  Rig rig;
  const Units orphan = Units().run(2, {1});
  rig.take(frame({.seq = 0, .gram = 0}, orphan));
  rig.take(frame({.seq = 1, .gram = 1}, Units().gram().mark(0, crc16(orphan.references)).gram_end()));
  EXPECT_EQ(rig.dropped(Drop::kNoGram), 1u);
  EXPECT_EQ(rig.counters().windows_verified.get(), 1u);
}

}  // namespace
}  // namespace pfs::test
