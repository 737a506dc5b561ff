// What strangers and malicious peers can cause: little, and never more than they spend.
#include <gtest/gtest.h>

#include <random>

#include "base/endian.hpp"
#include "bed.hpp"
#include "wire/sending/writer.hpp"

namespace pfs::session {
namespace {

using transport::kMicrosecond;
using transport::kMillisecond;
using transport::kSecond;

constexpr uint32_t kHead = kFrameHeaderBytes + kCarryUnitBytes;

/// Every frame of a life: opening, data both ways, loss, a ping, the end. By the node that sent it.
std::vector<std::pair<uint8_t, Packet>> frames_of_a_life() {
  std::vector<std::pair<uint8_t, Packet>> all;
  Bed bed;
  Node& a = bed.add(small_config(1));
  Node& b = bed.add(small_config(2));
  bed.on_way = [&](uint8_t from, Packet& packet) {
    all.emplace_back(from, packet);
    return all.size() % 7 != 0;
  };
  const SessionId session = a.dial(1, bed.now, 2);
  bed.run(kSecond);
  for (int i = 0; i < 12; ++i) a.submit(session, i % 4, 100);
  if (!b.opened.empty())
    for (int i = 0; i < 5; ++i) b.submit(b.opened[0], i % 4, 100);
  bed.run(2 * kSecond);
  a.endpoint.close(session, ByeUnit::Reason::kDone, bed.now);
  bed.run(2 * kSecond);
  return all;
}

/// Damages a frame; one in two times the CRC is made to fit again, so that what lies behind it is reached.
void mutate(Packet& packet, std::mt19937_64& random) {
  std::vector<uint8_t>& bytes = packet.payload;
  for (uint64_t i = 0; i <= random() % 4; ++i) {
    const size_t at = random() % bytes.size();
    switch (random() % 4) {
      case 0:
        bytes[at] ^= static_cast<uint8_t>(1 << random() % 8);
        break;
      case 1:
        bytes[at] = static_cast<uint8_t>(random() % 2 == 0 ? 0xFF : 0);
        break;
      case 2:
        bytes[at] = static_cast<uint8_t>(random());
        break;
      default:
        if (random() % 4 == 0) bytes.resize(1 + random() % bytes.size());
    }
  }
  Carried carried;
  if (random() % 2 == 0 || !is_carried(bytes)) return;
  const Drop fault = open_carried(bytes, carried);
  if (fault == Drop::kCrcMismatch) seal_carried(bytes, carried.carry);
}

TEST(Hostile, RandomBytesChangeNothing) {
  Bed bed;
  Node& a = bed.add(small_config(1));
  std::mt19937_64 random(1);
  for (int i = 0; i < 200'000; ++i) {
    Packet packet{.headers = way_to(0, 0, 1 + random() % 50, 0).encapsulation, .payload = {}};
    packet.payload.resize(18 + random() % 300);
    for (uint8_t& byte : packet.payload) byte = static_cast<uint8_t>(random());
    packet.payload[0] = kFrameTag;
    packet.payload[1] = kVersion << 4;
    packet.payload[kFrameHeaderBytes] = kCarryTag;
    a.take(packet, 0, bed.now);
    EXPECT_TRUE(a.leaving(bed.now).empty());
    bed.now += kMicrosecond;
  }
  EXPECT_TRUE(a.endpoint.all().empty());
  EXPECT_EQ(a.endpoint.counters().corrupt + a.endpoint.counters().trimmed, 200'000);
}

TEST(Hostile, DamagedFramesOfAStrangerGetNoMoreThanTheyCost) {
  const auto life = frames_of_a_life();
  for (uint64_t seed = 0; seed < 20; ++seed) {
    std::mt19937_64 random(seed);
    Bed bed;
    Node& a = bed.add(small_config(5));
    for (int i = 0; i < 5'000; ++i) {
      Packet packet = life[random() % life.size()].second;
      packet.headers = way_to(0, 0, 1 + random() % 20, 0).encapsulation;
      mutate(packet, random);
      const size_t came = packet.payload.size();
      a.take(packet, 0, bed.now);
      size_t left = 0;
      for (const Node::Leaving& leaving : a.leaving(bed.now)) left += leaving.packet.payload.size();
      ASSERT_LE(left, came) << "seed " << seed << ", frame " << i;
      bed.now += 100 * kMicrosecond;
    }
    ASSERT_LE(a.endpoint.all().size(), 4);
    ASSERT_TRUE(a.opened.empty()) << "seed " << seed;
    ASSERT_EQ(a.broken, "");
  }
}

TEST(Hostile, DamagedAndForgedFramesOfAPeerLoseNoTokenAndEndInOrder) {
  const auto life = frames_of_a_life();
  for (uint64_t seed = 0; seed < 60; ++seed) {
    std::mt19937_64 random(seed);
    Bed bed;
    Node& a = bed.add(small_config(1));
    Node& b = bed.add(small_config(2));
    std::vector<Packet> captured;
    bed.on_way = [&](uint8_t, Packet& packet) {
      if (captured.size() < 200) captured.push_back(packet);
      if (random() % 4 == 0) mutate(packet, random);
      return random() % 20 != 0;
    };
    SessionId session = a.dial(1, bed.now);
    for (int i = 0; i < 200; ++i) {
      bed.run(5 * kMillisecond);
      a.submit(session, random() % 4, 100);
      if (!b.opened.empty()) b.submit(b.opened.back(), random() % 4, 100);
      Packet packet = !captured.empty() && random() % 4 != 0 ? captured[random() % captured.size()]
                                                             : life[random() % life.size()].second;
      mutate(packet, random);
      bed.send(packet);
      if (a.endpoint.state(session) == State::kFree) session = a.dial(1, bed.now);
      ASSERT_LE(a.endpoint.all().size() + b.endpoint.all().size(), 8);
    }
    bed.on_way = [](uint8_t, Packet&) { return true; };
    for (const SessionId id : a.endpoint.all()) a.endpoint.close(id, ByeUnit::Reason::kDone, bed.now);
    for (const SessionId id : b.endpoint.all()) b.endpoint.close(id, ByeUnit::Reason::kDone, bed.now);
    bed.run(15 * kSecond);
    for (const Node* node : {&a, &b}) {
      // A frame that a forger has sealed is believed: its content may be anything, but no token is lost or doubled.
      EXPECT_TRUE(node->broken.empty() || node->broken.starts_with("a frame was delivered out of order") ||
                  node->broken == "a frame came with other content")
          << node->broken << ", seed " << seed;
      EXPECT_EQ(node->submitted, node->arrived + node->given_up) << "seed " << seed;
      EXPECT_EQ(node->taken, node->handed_on + node->released) << "seed " << seed;
      EXPECT_TRUE(node->endpoint.all().empty()) << "seed " << seed;
    }
  }
}

TEST(Hostile, APeerThatOnlyAcknowledgesMakesUsSayLittle) {
  Bed bed;
  Node& a = bed.add(small_config(1));
  Node& b = bed.add(small_config(2));
  const SessionId session = a.dial(1, bed.now);
  ASSERT_TRUE(bed.run(kSecond, [&] { return !b.opened.empty() && a.endpoint.room(session, 0) != 0; }));
  Packet sack;
  bed.on_way = [&](uint8_t from, Packet& packet) {
    if (from == 1 && packet.payload.size() > kHead && packet.payload[kHead] == kSackTag) sack = packet;
    return true;
  };
  a.submit(session, 0);
  ASSERT_TRUE(bed.run(kSecond, [&] { return a.arrived == 1; }));
  ASSERT_FALSE(sack.payload.empty());
  const uint64_t before = bed.frames_from[0];
  for (int i = 0; i < 100'000; ++i) {
    a.take(sack, 0, bed.now);
    bed.run(10 * kMicrosecond);
  }
  EXPECT_LE(bed.frames_from[0] - before, 10) << "in a second";
}

TEST(Hostile, PingsAndProbesAreAnsweredSoManyTimesASecond) {
  Bed bed;
  Node& a = bed.add(small_config(1));
  Node& b = bed.add(small_config(2));
  const SessionId session = a.dial(1, bed.now);
  ASSERT_TRUE(bed.run(kSecond, [&] { return !b.opened.empty() && a.endpoint.room(session, 0) != 0; }));
  std::vector<uint8_t> frame(1000);
  UnitWriter units{std::span(frame).subspan(kHead)};
  units.probe({.path = 0, .bytes = 1000});
  units.padding(1000 - kHead);
  write_frame(frame.data(), {.length = 1000 - kFrameHeaderBytes});
  seal_carried(frame, {.session = session, .ping = true, .stamp = 5});
  const Packet probe{.headers = way_to(0, 0, 1, 0).encapsulation, .payload = frame};
  const uint64_t before = bed.frames_from[0];
  for (int i = 0; i < 100'000; ++i) {
    a.take(probe, 0, bed.now);
    bed.run(10 * kMicrosecond);
  }
  EXPECT_LE(bed.frames_from[0] - before, 22'000) << "in a second";
}

TEST(Hostile, FramesOfUnknownSessionsGetFewAnswersForEachAddress) {
  Bed bed;
  Node& a = bed.add(small_config(1));
  std::vector<uint8_t> frame(100);
  write_frame(frame.data(), {.length = 100 - kFrameHeaderBytes});
  for (uint32_t i = 0; i < 100'000; ++i) {
    seal_carried(frame, {.session = 1000 + i, .ping = true, .stamp = 5});
    a.take({.headers = way_to(0, 0, 1 + i % 100, 0).encapsulation, .payload = frame}, 0, bed.now);
    bed.run(10 * kMicrosecond);
  }
  EXPECT_LE(bed.frames_from[0], 100 * (32 + 16 + 1));
  EXPECT_GE(bed.frames_from[0], 100 * 32);
  frame.resize(50);
  write_frame(frame.data(), {.length = 50 - kFrameHeaderBytes});
  seal_carried(frame, {.session = 7, .ping = true, .stamp = 5});
  const uint64_t before = bed.frames_from[0];
  bed.run(kSecond);
  a.take({.headers = way_to(0, 0, 1, 0).encapsulation, .payload = frame}, 0, bed.now);
  bed.run(kSecond);
  EXPECT_EQ(bed.frames_from[0], before) << "an answer would be longer than the frame";
}

}  // namespace
}  // namespace pfs::session
