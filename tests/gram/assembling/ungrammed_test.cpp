// What comes without a gram of its own: control units and bare frames.
#include <gtest/gtest.h>

#include "rig.hpp"

namespace pfs::test {
namespace {

TEST(Ungrammed, ControlFramesLeaveTheSequenceAlone) {
  Rig rig;
  rig.take(small_gram(0, 0));
  rig.take(frame({.seq = 900, .gram = 900}, Units().result(0, 42).result(1, 43)));
  rig.take(frame({.seq = 0}, Units().ack(17, 5)));
  rig.take(frame({.seq = 1}, Units().nack(4)));
  rig.take(frame({.seq = 1}, Units().put(0xF1, 1).put(3, 2)));
  rig.take(frame({.seq = 1}, Units().receipt(0, 99)));
  EXPECT_EQ(rig.counters().control_frames.get(), 5u);
  EXPECT_EQ(rig.sink.results, (std::vector<uint64_t>{42, 43}));
  EXPECT_EQ(rig.counters().results.get(), 2u);
  EXPECT_EQ(rig.sink.acks, std::vector<uint32_t>{17});
  EXPECT_EQ(rig.sink.receipts, std::vector<uint64_t>{99});
  EXPECT_EQ(rig.next(), 1u);
}

TEST(Ungrammed, BrokenControlFrameSaysNothing) {
  Rig rig;
  rig.take(frame({}, Units().ack(17, 5).put(0xC7, 1)));
  EXPECT_EQ(rig.dropped(Drop::kBadUnit), 1u);
  EXPECT_TRUE(rig.sink.acks.empty());
}

TEST(Ungrammed, ControlUnitsBesideAGramAreHeard) {
  Rig rig;
  rig.take(frame({.seq = 0}, Units().ack(3, 4).gram().run(2, {1}).result(8, 80).gram_end()));
  EXPECT_EQ(rig.sink.given.size(), 1u);
  EXPECT_EQ(rig.sink.acks, std::vector<uint32_t>{3});
  EXPECT_EQ(rig.sink.results, std::vector<uint64_t>{80});
  EXPECT_EQ(rig.next(), 1u);
}

TEST(Ungrammed, BareFramesNeedAConfiguration) {
  Rig rig;
  rig.take(Units().run(2, {1}).wire);
  EXPECT_EQ(rig.dropped(Drop::kBareUnconfigured), 1u);
}

TEST(Ungrammed, EachBareFrameIsAGram) {
  RigConfig config;
  config.assembler.bare = {{.port = 3, .op = 9}, {.port = 7, .stream = 12, .op = 4}};
  Rig rig(config);
  const Units first = Units().run(2, {1, 2});
  Units second = Units().run(0, {7});
  rig.take(first.wire);
  Bytes window = first.references;
  window.insert(window.end(), second.references.begin(), second.references.end());
  rig.take(second.mark(0, crc16(window)).wire);
  ASSERT_EQ(rig.sink.given.size(), 2u);
  EXPECT_EQ(rig.sink.given[1], (Given{.number = 1,
                                      .stream = 12,
                                      .bare = true,
                                      .op = 4,
                                      .frames = 1,
                                      .bytes = 1,
                                      .table = {blob_range(4096 + 7, 1)}}));
  EXPECT_EQ(rig.counters().windows_verified.get(), 1u);
  rig.take(Units().put(0xF1, 1).put(0, 2).wire);
  EXPECT_EQ(rig.counters().control_frames.get(), 1u);
  rig.take(Units().literal({1}).wire);
  EXPECT_EQ(rig.dropped(Drop::kBadUnit), 1u);
}

TEST(Ungrammed, BareWindowBeginsAnewBehindAMismatch) {
  RigConfig config;
  config.assembler.bare = {{.port = 7}};
  Rig rig(config);
  rig.take(Units().run(2, {1}).wire);
  rig.take(Units().run(2, {2}).mark(0, 0x1234).wire);
  EXPECT_EQ(rig.dropped(Drop::kCrcMismatch), 1u);
  const Units units = Units().run(2, {3});
  rig.take(Units(units).mark(1, crc16(units.references)).wire);
  EXPECT_EQ(rig.counters().windows_verified.get(), 1u);
  EXPECT_EQ(rig.sink.given.size(), 2u);
}

}  // namespace
}  // namespace pfs::test
