#include "wire/session_units.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "wire/receiving/walk.hpp"
#include "wire/sending/writer.hpp"

namespace pfs {
namespace {

using Bytes = std::vector<uint8_t>;

/// What stands behind tag and length of the one unit that `write` writes.
template <class Write>
Bytes behind_length(Write write) {
  std::array<uint8_t, 1024> room{};
  UnitWriter out(room);
  EXPECT_TRUE(write(out));
  return {room.begin() + 3, room.begin() + out.used()};
}

Terms any_terms(std::mt19937_64& rng) {
  const auto u32 = [&] { return static_cast<uint32_t>(rng()); };
  Terms terms{.version = static_cast<uint8_t>(rng()),
              .digest = static_cast<uint8_t>(rng()),
              .window_pow2 = static_cast<uint8_t>(rng()),
              .path = static_cast<uint8_t>(rng()),
              .boot = rng(),
              .layout = {.size = rng(), .l1 = rng(), .l2 = rng(), .l3 = rng(), .word = u32(), .block = u32()},
              .streams = static_cast<uint16_t>(rng()),
              .payload = u32(),
              .frames = u32(),
              .bytes = rng(),
              .capabilities = u32(),
              .session = u32(),
              .cookie = rng(),
              .nonce = rng()};
  for (uint8_t& byte : terms.root) byte = static_cast<uint8_t>(rng());
  return terms;
}

SackUnit any_sack(uint32_t words, std::mt19937_64& rng) {
  const auto u32 = [&] { return static_cast<uint32_t>(rng()); };
  SackUnit unit{.stream = static_cast<uint16_t>(rng()),
                .path = static_cast<uint8_t>(rng()),
                .pressure = static_cast<uint8_t>(rng()),
                .next = u32(),
                .frames = u32(),
                .bytes = rng(),
                .stamp = u32(),
                .held = u32(),
                .first = u32(),
                .words = words};
  for (uint32_t i = 0; i < words; ++i) unit.map[i] = rng();
  return unit;
}

/// A payload that holds CARRY, then `units`, then padding up to `bytes`, sealed.
template <class Write>
Bytes sealed(const CarryUnit& carry, size_t bytes, Write write) {
  Bytes payload(bytes);
  UnitWriter out({payload.data() + kFrameHeaderBytes, bytes - kFrameHeaderBytes});
  EXPECT_TRUE(out.carry(carry) && write(out) && out.padding(out.used() + out.room()));
  write_frame(payload.data(),
              {.flags = kFlagCrc, .stream = 5, .seq = 0xFFFFFFFE, .length = static_cast<uint16_t>(out.used())});
  seal_carried(payload, carry);
  return payload;
}

constexpr CarryUnit kCarry{.session = 0x01020304,
                           .sequenced = true,
                           .ping = true,
                           .path = 3,
                           .stamp = 0xA1A2A3A4,
                           .denoted = 0x1112131415161718};

Bytes any_sealed() {
  return sealed(kCarry, 100, [](UnitWriter& out) { return out.literal(Bytes{1, 2, 3, 4, 5}); });
}

TEST(SessionUnits, HaveTheLengthsThatAreDocumented) {
  std::mt19937_64 rng(1);
  EXPECT_EQ(behind_length([](UnitWriter& out) { return out.carry({}); }).size(), 22u);
  EXPECT_EQ(behind_length([](UnitWriter& out) { return out.sack({}); }).size(), 36u);
  EXPECT_EQ(behind_length([&](UnitWriter& out) { return out.sack(any_sack(64, rng)); }).size(), 36u + 512);
  EXPECT_EQ(behind_length([](UnitWriter& out) { return out.hello({}); }).size(), 128u);
  EXPECT_EQ(behind_length([](UnitWriter& out) { return out.welcome({}); }).size(), 132u);
  EXPECT_EQ(behind_length([](UnitWriter& out) { return out.bye({}); }).size(), 22u);
  EXPECT_EQ(behind_length([](UnitWriter& out) { return out.retry({}); }).size(), 12u);
  EXPECT_EQ(behind_length([](UnitWriter& out) { return out.probe({}); }).size(), 6u);
}

/// Writes what `write` writes of a unit, reads it by `read`, writes that, and compares the bytes.
template <class Unit, class Write>
void expect_round_trip(const Unit& unit, bool (*read)(std::span<const uint8_t>, Unit&) noexcept, Write write) {
  const Bytes first = behind_length([&](UnitWriter& out) { return write(out, unit); });
  Unit back;
  ASSERT_TRUE(read(first, back));
  EXPECT_EQ(behind_length([&](UnitWriter& out) { return write(out, back); }), first);
}

TEST(SessionUnits, EachReadsBackWhatWasWritten) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 rng(seed);
    const CarryUnit carry{.session = static_cast<uint32_t>(rng()),
                          .sequenced = seed % 2 == 0,
                          .ping = seed % 3 == 0,
                          .path = static_cast<uint8_t>(rng()),
                          .stamp = static_cast<uint32_t>(rng()),
                          .denoted = rng()};
    expect_round_trip(carry, read_carry, [](UnitWriter& out, const CarryUnit& unit) { return out.carry(unit); });
    expect_round_trip(any_sack(seed == 1 ? 0 : rng() % 65, rng), read_sack,
                      [](UnitWriter& out, const SackUnit& unit) { return out.sack(unit); });
    expect_round_trip(any_terms(rng), read_hello, [](UnitWriter& out, const Terms& unit) { return out.hello(unit); });
    expect_round_trip(WelcomeUnit{.terms = any_terms(rng), .opener = static_cast<uint32_t>(rng())}, read_welcome,
                      [](UnitWriter& out, const WelcomeUnit& unit) { return out.welcome(unit); });
    const ByeUnit bye{.reason = static_cast<ByeUnit::Reason>(rng() % 10),
                      .answer = seed % 2 == 0,
                      .opener = static_cast<uint32_t>(rng()),
                      .ours = rng(),
                      .theirs = rng()};
    expect_round_trip(bye, read_bye, [](UnitWriter& out, const ByeUnit& unit) { return out.bye(unit); });
    expect_round_trip(RetryUnit{.opener = static_cast<uint32_t>(rng()), .cookie = rng()}, read_retry,
                      [](UnitWriter& out, const RetryUnit& unit) { return out.retry(unit); });
    const ProbeUnit probe{
        .answer = seed % 2 == 0, .path = static_cast<uint8_t>(rng()), .bytes = static_cast<uint32_t>(rng())};
    expect_round_trip(probe, read_probe, [](UnitWriter& out, const ProbeUnit& unit) { return out.probe(unit); });
  }
}

TEST(SessionUnits, OfAnotherLengthAreRefused) {
  const Bytes zeros(600);
  for (size_t n = 0; n <= zeros.size(); ++n) {
    const std::span<const uint8_t> bytes(zeros.data(), n);
    CarryUnit carry;
    SackUnit sack;
    Terms terms;
    WelcomeUnit welcome;
    ByeUnit bye;
    RetryUnit retry;
    ProbeUnit probe;
    EXPECT_EQ(read_carry(bytes, carry), n == 22) << n;
    EXPECT_EQ(read_sack(bytes, sack), n == 36) << n;  // zeros announce no words
    EXPECT_EQ(read_hello(bytes, terms), n == 128) << n;
    EXPECT_EQ(read_welcome(bytes, welcome), n == 132) << n;
    EXPECT_EQ(read_bye(bytes, bye), n == 22) << n;
    EXPECT_EQ(read_retry(bytes, retry), n == 12) << n;
    EXPECT_EQ(read_probe(bytes, probe), n == 6) << n;
  }
}

TEST(SessionUnits, SackHasExactlyTheWordsThatItAnnouncesAndSixtyFourAtMost) {
  for (uint32_t words = 0; words <= 70; ++words) {
    for (const int more : {-8, -1, 0, 1, 8}) {
      if (words == 0 && more < 0) continue;
      Bytes bytes(36 + 8 * words + static_cast<size_t>(more));
      store_be(bytes.data() + 34, static_cast<uint16_t>(words));
      SackUnit unit;
      EXPECT_EQ(read_sack(bytes, unit), more == 0 && words <= 64) << words << " words, " << more << " bytes more";
    }
  }
  SackUnit unit;
  unit.words = 65;
  std::array<uint8_t, 1024> room{};
  EXPECT_FALSE(UnitWriter(room).sack(unit));
}

TEST(SessionUnits, ValuesThatMeanNothingAreRefused) {
  // Of a unit that is all zeros, the byte at each place is tried with every value: `known` of them are taken.
  const auto check = [](size_t size, size_t at, int known, auto read) {
    for (int value = 0; value < 256; ++value) {
      Bytes bytes(size);
      bytes[at] = static_cast<uint8_t>(value);
      EXPECT_EQ(read(bytes), value < known) << "byte " << at << " is " << value;
    }
  };
  const auto carry = [](const Bytes& bytes) {
    CarryUnit unit;
    return read_carry(bytes, unit);
  };
  check(22, 8, 4, carry);  // flags
  const auto sack = [](const Bytes& bytes) {
    SackUnit unit;
    return read_sack(bytes, unit);
  };
  check(36, 32, 1, sack);
  check(36, 33, 1, sack);
  const auto hello = [](const Bytes& bytes) {
    Terms unit;
    return read_hello(bytes, unit);
  };
  const auto welcome = [](const Bytes& bytes) {
    WelcomeUnit unit;
    return read_welcome(bytes, unit);
  };
  for (const size_t at : {86, 87}) {
    check(128, at, 1, hello);
    check(132, at, 1, welcome);
  }
  const auto bye = [](const Bytes& bytes) {
    ByeUnit unit;
    return read_bye(bytes, unit);
  };
  check(22, 0, 10, bye);  // reasons
  check(22, 1, 2, bye);
  check(6, 0, 2, [](const Bytes& bytes) {
    ProbeUnit unit;
    return read_probe(bytes, unit);
  });
}

TEST(Carried, OpensAsItWasSealed) {
  const Bytes payload = any_sealed();
  ASSERT_TRUE(is_carried(payload));
  Carried opened;
  ASSERT_EQ(open_carried(payload, opened), Drop::kNone);
  EXPECT_EQ(opened.frame.header.stream, 5);
  EXPECT_EQ(opened.frame.header.seq, 0xFFFFFFFE);
  EXPECT_EQ(opened.frame.header.flags, kFlagCrc);
  EXPECT_FALSE(opened.frame.bare);
  EXPECT_EQ(opened.frame.units, payload.data() + 41);
  EXPECT_EQ(opened.frame.end, payload.data() + payload.size());
  EXPECT_EQ(opened.carry.session, kCarry.session);
  EXPECT_TRUE(opened.carry.sequenced && opened.carry.ping);
  EXPECT_EQ(opened.carry.path, kCarry.path);
  EXPECT_EQ(opened.carry.stamp, kCarry.stamp);
  EXPECT_EQ(opened.carry.denoted, kCarry.denoted);
}

TEST(Carried, ChecksumIsTheCrc32cOfThePayloadWithItselfAsZeros) {
  Bytes payload = any_sealed();
  const uint32_t stored = load_be<uint32_t>(payload.data() + 19);
  std::fill_n(payload.begin() + 19, 4, uint8_t{0});
  uint32_t crc = 0xFFFFFFFF;
  for (const uint8_t byte : payload) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78 : 0);
  }
  EXPECT_EQ(stored, ~crc);
}

TEST(Carried, SealedAgainAfterARepairItOpensAgain) {
  Bytes payload = any_sealed();
  CarryUnit again = kCarry;
  again.stamp += 9;
  seal_carried(payload, again);
  Carried opened;
  ASSERT_EQ(open_carried(payload, opened), Drop::kNone);
  EXPECT_EQ(opened.carry.stamp, again.stamp);
}

TEST(Carried, FrameWithEveryUnitCutShortAnywhereIsJudgedTrimmedOrNoFrame) {
  const Bytes payload = any_sealed();
  for (size_t n = 0; n < payload.size(); ++n) {
    const Bytes cut(payload.begin(), payload.begin() + static_cast<ptrdiff_t>(n));  // its own end, for sanitizers
    ASSERT_EQ(is_carried(cut), n >= 17) << n;
    if (n < 17) continue;
    Carried opened;
    ASSERT_EQ(open_carried(cut, opened), n < 41 ? Drop::kBadUnit : Drop::kTruncated) << n;
    if (n < 41) continue;
    EXPECT_EQ(opened.frame.header.stream, 5);
    EXPECT_EQ(opened.frame.header.seq, 0xFFFFFFFE);
    EXPECT_EQ(opened.carry.session, kCarry.session);
    EXPECT_TRUE(opened.carry.sequenced);
    EXPECT_EQ(opened.carry.path, kCarry.path);
    EXPECT_EQ(opened.frame.units, cut.data() + 41);
    EXPECT_EQ(opened.frame.end, cut.data() + n);
  }
}

TEST(Carried, AnyFlippedBitIsRefusedOrLooksTrimmed) {
  const Bytes whole = any_sealed();
  size_t trimmed = 0;
  for (size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    Bytes payload = whole;
    payload[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
    const bool of_tags = bit / 8 == 0 || bit / 8 == 16;
    ASSERT_EQ(is_carried(payload), !of_tags) << "bit " << bit;
    if (of_tags) continue;
    Carried opened;
    const Drop drop = open_carried(payload, opened);
    ASSERT_NE(drop, Drop::kNone) << "bit " << bit;
    if (drop == Drop::kTruncated) {
      ++trimmed;
      EXPECT_EQ(bit / 8 == 14 || bit / 8 == 15, true) << "bit " << bit << " is not of the announced length";
    }
  }
  EXPECT_GT(trimmed, 0u);
}

TEST(Carried, PaddingBehindTheAnnouncedUnitsIsNobodysBusiness) {
  Bytes payload = any_sealed();
  payload.insert(payload.end(), {0xDE, 0xAD});  // as Ethernet pads short frames
  Carried opened;
  ASSERT_EQ(open_carried(payload, opened), Drop::kNone);
  EXPECT_EQ(opened.frame.end, payload.data() + payload.size() - 2);
}

TEST(Carried, AnnouncedLengthBelowCarryIsBad) {
  for (uint16_t length = 0; length < 25; ++length) {
    Bytes payload = any_sealed();
    store_be(payload.data() + 14, length);
    Carried opened;
    EXPECT_EQ(open_carried(payload, opened), Drop::kBadUnit) << length;
  }
}

TEST(Carried, EveryOtherVersionIsNamed) {
  for (uint8_t version = 0; version < 16; ++version) {
    if (version == kVersion) continue;
    Bytes payload = any_sealed();
    payload[1] = static_cast<uint8_t>(version << 4 | (payload[1] & 15));
    Carried opened;
    EXPECT_EQ(open_carried(payload, opened), Drop::kBadVersion) << int{version};
  }
}

TEST(Carried, EmptySequencedFrameHoldsCarryAlone) {
  Bytes payload(41);
  write_frame(payload.data(), {.length = 25});
  seal_carried(payload, kCarry);
  Carried opened;
  ASSERT_EQ(open_carried(payload, opened), Drop::kNone);
  EXPECT_EQ(opened.frame.units, opened.frame.end);
}

TEST(Padding, FillsUpToALengthAndIsReadAsTheEnd) {
  for (uint32_t until = 23; until <= 64; ++until) {
    std::array<uint8_t, 64> room;
    room.fill(0xAA);
    UnitWriter out(room);
    ASSERT_TRUE(out.bye({}));  // 25 bytes
    ASSERT_EQ(out.padding(until), until >= 25) << until;
    EXPECT_EQ(out.used(), std::max(until, 25u));
    if (until > 25) {
      EXPECT_EQ(room[25], 0xC0);
    }
    for (uint32_t i = 26; i < until; ++i) EXPECT_EQ(room[i], 0) << "byte " << i << " of " << until;
    for (uint32_t i = out.used(); i < room.size(); ++i) EXPECT_EQ(room[i], 0xAA) << "byte " << i << " of " << until;
  }
  std::array<uint8_t, 4> room{};
  EXPECT_FALSE(UnitWriter(room).padding(5));
}

}  // namespace
}  // namespace pfs
