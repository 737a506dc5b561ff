#include "transport/sender.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace pfs::transport {
namespace {

constexpr uint32_t kFirst = 0xFFFFFFF0;
constexpr Time kBegin = kSecond;  // a burst may leave at once, as if there had been a pause

struct Arrivals final : SenderSink {
  std::vector<uint64_t> tokens;
  void on_arrived(uint64_t token) noexcept override { tokens.push_back(token); }
};

struct Rig {
  Arrivals arrivals;
  Sender sender{{.streams = 2, .stream_frames = 64, .frames = 100, .first_seq = kFirst}, arrivals};

  /// Submits and sends `count` frames of 1,500 bytes.
  void send(uint32_t count, Time now) {
    for (uint32_t i = 0; i < count; ++i) sender.submit(0, i, 1500, 1500);
    while (sender.depart(now)) {
    }
  }
  static Ack ack(uint32_t next) {
    return {.next = kFirst + next, .first = kFirst + next + 1, .frames = 64, .bytes = 1 << 20, .stamp = kBegin};
  }
};

TEST(Sender, RoomIsTheWindowTheFlightsAndTheGrantWhicheverIsLeast) {
  Rig rig;
  EXPECT_EQ(rig.sender.room(0), 64u);
  EXPECT_EQ(rig.sender.room(2), 0u);
  for (uint64_t i = 0; i < 64; ++i) rig.sender.submit(0, i, 1500, 1);
  EXPECT_EQ(rig.sender.room(0), 0u);
  EXPECT_EQ(rig.sender.room(1), 36u);
  rig.sender.submit(1, 0, 1500, uint64_t{1} << 40);
  EXPECT_EQ(rig.sender.room(1), 0u);  // more is denoted than was granted
}

TEST(Sender, AnAckFreesWhatItNamesAndNothingElse) {
  Rig rig;
  rig.send(10, kBegin);
  Ack ack = Rig::ack(3);
  ack.words = 1;
  ack.map[0] = 0b101;  // 4 and 6
  rig.sender.on_ack(ack, kBegin + 2);
  EXPECT_EQ(rig.arrivals.tokens, (std::vector<uint64_t>{0, 1, 2, 4, 6}));
  rig.sender.on_ack(ack, kBegin + 3);
  EXPECT_EQ(rig.arrivals.tokens.size(), 5u);
  EXPECT_EQ(rig.sender.unacknowledged(), 5u);
}

TEST(Sender, AcksOfWhatWasNeverSentAreRefused) {
  Rig rig;
  rig.send(10, kBegin);
  rig.sender.submit(0, 10, 1500, 1500);  // submitted, not sent
  rig.sender.on_ack(Rig::ack(11), kBegin + 2);
  EXPECT_EQ(rig.sender.counters().acks_refused, 1u);
  EXPECT_TRUE(rig.arrivals.tokens.empty());
  Ack map = Rig::ack(0);
  map.words = kAckWords;
  map.map.fill(~uint64_t{0});
  rig.sender.on_ack(map, kBegin + 2);
  EXPECT_EQ(rig.arrivals.tokens.size(), 9u);  // 1 to 9, and none that was never sent
  for (Ack bad : {Ack{.stream = 2}, Ack{.path = 1}, Ack{.next = kFirst, .words = kAckWords + 1}}) {
    bad.next = kFirst;
    rig.sender.on_ack(bad, kBegin + 2);
  }
  EXPECT_EQ(rig.sender.counters().acks_refused, 4u);
}

TEST(Sender, LaterArrivalsShowALossAfterARoundTripAndAQuarter) {
  Rig rig;
  rig.send(1, kBegin + kMillisecond);
  Ack first = Rig::ack(1);
  first.stamp = kBegin + kMillisecond;
  rig.sender.on_ack(first, kBegin + 2 * kMillisecond);  // a round trip of 1 ms
  rig.sender.submit(0, 1, 1500, 1500);
  ASSERT_TRUE(rig.sender.depart(kBegin + 3 * kMillisecond));
  rig.sender.submit(0, 2, 1500, 1500);
  ASSERT_TRUE(rig.sender.depart(kBegin + 3 * kMillisecond + kMicrosecond));
  Ack second = Rig::ack(1);
  second.words = 1;
  second.map[0] = 1;  // the third frame is here, the second is not
  second.stamp = kBegin + 3 * kMillisecond + kMicrosecond;
  rig.sender.on_ack(second, kBegin + 4 * kMillisecond);
  EXPECT_FALSE(rig.sender.depart(kBegin + 4 * kMillisecond));
  rig.sender.on_time(kBegin + 6 * kMillisecond);
  const auto repair = rig.sender.depart(kBegin + 6 * kMillisecond);
  ASSERT_TRUE(repair);
  EXPECT_TRUE(repair->repair);
  EXPECT_EQ(repair->token, 1u);
}

TEST(Sender, ASilentPathGetsOneProbeThenEverythingAgainThenOnlyPings) {
  Rig rig;
  rig.send(3, kBegin);
  std::vector<uint32_t> departures;
  std::vector<bool> pings;
  Time now = kBegin;
  for (int silence = 0; silence < 4; ++silence) {
    now = rig.sender.next_event(now);
    ASSERT_NE(now, kNever);
    rig.sender.on_time(now);
    uint32_t count = 0;
    bool ping = false;
    while (const auto departure = rig.sender.depart(now)) {
      ping |= departure->ping;
      ++count;
    }
    departures.push_back(count);
    pings.push_back(ping);
  }
  EXPECT_EQ(departures[0], 1u);
  EXPECT_EQ(departures[1], 3u);
  EXPECT_EQ(pings, (std::vector<bool>{false, false, true, true}));
  EXPECT_EQ(departures[3], 1u);
}

}  // namespace
}  // namespace pfs::transport
