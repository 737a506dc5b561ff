// Several senders: each has streams, sessions and windows of its own, and its place in a table of bounded size.
#include <gtest/gtest.h>

#include "rig.hpp"

namespace pfs::test {
namespace {

const Sender kAnna = ethernet_sender(0xA);
const Sender kBert = ethernet_sender(0xB);

std::vector<uint32_t> numbers_of(const Rig& rig, uint16_t peer) {
  std::vector<uint32_t> out;
  for (const Given& gram : rig.sink.given) {
    if (gram.peer == peer) out.push_back(gram.number);
  }
  return out;
}

Bytes session_gram(uint64_t session) {
  return frame({.seq = 0, .gram = 0}, Units().gram().session(session).run(2, {0}).gram_end());
}

TEST(Peers, SendersAreToldApartByPortVlanAddressAndIpSource) {
  const std::vector<Sender> senders = {ethernet_sender(1), ethernet_sender(2), ethernet_sender(1, 8),
                                       vlan_sender(1, 5),  vlan_sender(1, 6),  udp_sender(1, 10),
                                       udp_sender(1, 11),  udp_sender(2, 10)};
  RigConfig config;
  config.assembler.max_peers = 16;
  Rig rig(config);
  for (uint32_t seq = 0; seq < 3; ++seq) {
    for (const Sender& sender : senders) rig.take(sender, small_gram(seq, seq));
  }
  EXPECT_EQ(rig.all_dropped(), 0u);
  EXPECT_EQ(rig.counters().peers.get(), senders.size());
  for (uint16_t peer = 0; peer < senders.size(); ++peer)
    EXPECT_EQ(numbers_of(rig, peer), (std::vector<uint32_t>{0, 1, 2})) << "peer " << peer;
}

TEST(Peers, FieldsThatChangeFromFrameToFrameMakeNoNewPeer) {
  Rig rig;
  for (uint8_t i = 0; i < 5; ++i) rig.take(udp_sender(1, 10, i), small_gram(i, i));
  Sender tagged = vlan_sender(1, 5);
  rig.take(tagged, small_gram(0, 0));
  tagged.headers[14] = 0x00;  // another priority
  rig.take(tagged, small_gram(1, 1));
  EXPECT_EQ(rig.counters().peers.get(), 2u);
  EXPECT_EQ(rig.numbers(), (std::vector<uint32_t>{0, 1, 2, 3, 4, 0, 1}));
}

TEST(Peers, TwoSendersOfOneStreamNumberWithAnyClocksAreBothTaken) {
  Rig rig;
  rig.take(kAnna, session_gram(2000));
  rig.take(kBert, session_gram(1000));  // its clock is slow
  for (uint32_t seq = 1; seq < 4; ++seq) {
    rig.take(kAnna, small_gram(seq, seq));
    rig.take(kBert, small_gram(seq, seq));
  }
  EXPECT_EQ(rig.all_dropped(), 0u);
  EXPECT_EQ(numbers_of(rig, 0), (std::vector<uint32_t>{0, 1, 2, 3}));
  EXPECT_EQ(numbers_of(rig, 1), (std::vector<uint32_t>{0, 1, 2, 3}));
}

TEST(Peers, SpoofedSessionOfAnotherAddressLocksNoStream) {
  Rig rig;
  rig.take(kAnna, session_gram(1000));
  rig.take(kBert, session_gram(UINT64_MAX));
  rig.take(kAnna, small_gram(1, 1));
  rig.take(kAnna, session_gram(1001));
  rig.take(kAnna, small_gram(1, 1));
  EXPECT_EQ(rig.all_dropped(), 0u);
  EXPECT_EQ(numbers_of(rig, 0), (std::vector<uint32_t>{0, 1, 0, 1}));
}

TEST(Peers, GapsFaultsAndLostGramsOfOneStayItsOwn) {
  Rig rig;
  rig.take(kAnna, small_gram(0, 0));
  rig.take(kAnna, frame({.seq = 1, .gram = 1}, Units().gram().run(2, {1})));
  rig.take(kBert, small_gram(0, 0));
  rig.take(kBert, small_gram(5, 5));
  for (uint32_t seq = 1000; seq < 1008; ++seq) rig.take(kBert, small_gram(seq, seq));  // it resynchronises
  rig.take(kBert, frame({.seq = 1008, .gram = 1, .frag = 1}, Units().run(2, {7})));
  rig.take(kBert, frame({.seq = 1009, .gram = 1009}, Units().gram().mark(0, 0x1234).gram_end()));
  const Units last = Units().run(2, {2});
  rig.take(kAnna, frame({.seq = 2, .gram = 1, .frag = 1}, Units(last).gram_end(2)));
  EXPECT_EQ(numbers_of(rig, 0), (std::vector<uint32_t>{0, 1}));
  EXPECT_EQ(rig.sink.given.back().table, (std::vector{blocks(1), blocks(2)}));
}

TEST(Peers, WindowsRunPerPeerForFramedAndBareFrames) {
  RigConfig config;
  config.assembler.bare = {{.port = 7}};
  Rig rig(config);
  const Units anna = Units().run(2, {1});
  const Units bert = Units().run(2, {2});
  rig.take(kAnna, frame({.seq = 0, .gram = 0}, Units(Units().gram()).run(2, {1}).gram_end()));
  rig.take(kBert, frame({.seq = 0, .gram = 0}, Units(Units().gram()).run(2, {2}).gram_end()));
  rig.take(kAnna, frame({.seq = 1, .gram = 1}, Units().gram().mark(0, crc16(anna.references)).gram_end()));
  rig.take(kBert, frame({.seq = 1, .gram = 1}, Units().gram().mark(0, crc16(bert.references)).gram_end()));
  rig.take(kAnna, anna.wire);
  rig.take(kBert, bert.wire);
  rig.take(kAnna, Units().mark(0, crc16(anna.references)).wire);
  rig.take(kBert, Units().mark(0, crc16(bert.references)).wire);
  EXPECT_EQ(rig.counters().windows_verified.get(), 4u);
  EXPECT_EQ(rig.all_dropped(), 0u);
}

TEST(Peers, EveryPeerHasItsOwnStreams) {
  RigConfig config;
  config.assembler.max_streams = 2;
  Rig rig(config);
  for (const uint16_t stream : {1, 2, 3}) rig.take(kAnna, small_gram(0, 0, stream));
  for (const uint16_t stream : {4, 5, 6}) rig.take(kBert, small_gram(0, 0, stream));
  EXPECT_EQ(rig.dropped(Drop::kUnknownStream), 2u);
  EXPECT_EQ(rig.sink.given.size(), 4u);
}

TEST(Peers, OnePeerMoreThanThereArePlacesForIsUnknown) {
  RigConfig config;
  config.assembler.max_peers = 3;
  config.assembler.idle_ticks = 50;
  Rig rig(config);
  for (uint8_t mac = 1; mac <= 4; ++mac) rig.take(ethernet_sender(mac), small_gram(0, 0), 10);
  EXPECT_EQ(rig.dropped(Drop::kUnknownPeer), 1u);
  rig.take(ethernet_sender(4), Units().run(2, {1}).wire, 20);
  EXPECT_EQ(rig.dropped(Drop::kBareUnconfigured), 1u);
  rig.take(ethernet_sender(4), frame({}, Units().put(0xC7, 1)), 30);
  EXPECT_EQ(rig.dropped(Drop::kUnknownPeer), 2u);
  rig.take(ethernet_sender(4), frame({}, Units().ack(3, 4)), 30);
  EXPECT_EQ(rig.counters().control_frames.get(), 1u) << "an answer needs no place";
}

TEST(Peers, PeerThatIsSilentAndHoldsNothingMakesRoom) {
  RigConfig config;
  config.assembler.max_peers = 3;
  config.assembler.idle_ticks = 50;
  Rig rig(config);
  rig.take(ethernet_sender(1), frame({.seq = 0, .gram = 0}, Units().gram().run(2, {1})), 0);  // holds an open gram
  rig.take(ethernet_sender(2), small_gram(0, 0), 1);
  rig.take(ethernet_sender(2), small_gram(2, 2), 1);  // holds a frame
  rig.take(ethernet_sender(3), small_gram(0, 0), 2);
  rig.take(ethernet_sender(4), small_gram(0, 0), 52);
  EXPECT_EQ(rig.dropped(Drop::kUnknownPeer), 1u) << "the third has not been silent for long enough";
  rig.take(ethernet_sender(4), small_gram(0, 0), 53);
  EXPECT_EQ(rig.dropped(Drop::kUnknownPeer), 1u);
  EXPECT_EQ(rig.counters().peers.get(), 3u);
  rig.take(ethernet_sender(1), frame({.seq = 1, .gram = 0, .frag = 1}, Units().gram_end()), 54);
  rig.take(ethernet_sender(2), small_gram(1, 1), 54);
  EXPECT_EQ(rig.sink.given.size(), 6u) << "the first two are still known";
  rig.take(ethernet_sender(3), small_gram(1, 1), 55);
  EXPECT_EQ(rig.dropped(Drop::kUnknownPeer), 2u);
}

TEST(Peers, InventedSendersDriveOutOneAnotherAndNobodyWhoHasCompletedAGram) {
  RigConfig config;
  config.assembler.max_peers = 3;
  config.assembler.idle_ticks = 1000;
  Rig rig(config);
  rig.take(ethernet_sender(1), small_gram(0, 0), 0);
  for (uint8_t mac = 2; mac < 100; ++mac) rig.take(ethernet_sender(mac), frame({}, Units().run(2, {1})), mac);
  EXPECT_EQ(rig.dropped(Drop::kUnknownPeer), 0u) << "a newcomer finds a place";
  EXPECT_EQ(rig.counters().peers.get(), 3u);
  rig.take(ethernet_sender(1), small_gram(1, 1), 200);
  rig.take(ethernet_sender(100), small_gram(0, 0), 201);
  EXPECT_EQ(rig.sink.given.size(), 3u);
}

TEST(Peers, PlaceOfAForgottenPeerCarriesNothingOver) {
  RigConfig config;
  config.assembler.max_peers = 1;
  Rig rig(config);
  rig.take(kAnna, session_gram(1000), 0);
  rig.take(kAnna, small_gram(1, 1), 0);
  const uint32_t place = rig.assembler.place();
  const uint32_t admission = rig.assembler.progress(place).admission;
  rig.take(kBert, small_gram(0, 0), 1);
  EXPECT_EQ(rig.assembler.place(), place);
  EXPECT_NE(rig.assembler.progress(place).admission, admission) << "so its acknowledger begins anew";
  EXPECT_EQ(rig.assembler.progress(place).next, 1u);
  rig.take(kAnna, session_gram(1000), 2);
  EXPECT_EQ(rig.numbers(), (std::vector<uint32_t>{0, 1, 0, 0}));
  EXPECT_EQ(rig.all_dropped(), 0u);
}

TEST(Peers, FrameWithoutAStreamHasNoPlace) {
  Rig rig;
  rig.take(small_gram(0, 0));
  EXPECT_NE(rig.assembler.place(), Assembler::kNoPlace);
  rig.take(frame({.seq = 0}, Units().ack(1, 1)));
  EXPECT_EQ(rig.assembler.place(), Assembler::kNoPlace);
  rig.take(small_gram(0, 0));
  EXPECT_NE(rig.assembler.place(), Assembler::kNoPlace) << "a duplicate is acknowledged: its ACK may have been lost";
  rig.take(Bytes(3, 0xE0));
  EXPECT_EQ(rig.assembler.place(), Assembler::kNoPlace);
}

}  // namespace
}  // namespace pfs::test
