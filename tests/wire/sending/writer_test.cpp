#include "wire/sending/writer.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "wire/codec/pack/pack.hpp"
#include "wire/receiving/walk.hpp"

namespace pfs {
namespace {

/// Writes every unit it is shown again.
struct Echo {
  UnitWriter& out;
  bool crc;

  static Drop said(bool written) noexcept { return written ? Drop::kNone : Drop::kOverLimit; }
  Drop run(Tier tier, const uint8_t* references, uint32_t count) noexcept {
    uint8_t* at = out.run(tier, count);
    if (at != nullptr) std::memcpy(at, references, count * size_t{reference_bytes(tier)});
    return said(at != nullptr);
  }
  Drop extents(const ExtentsUnit& unit) noexcept { return said(out.extents(unit)); }
  Drop literal(std::span<const uint8_t> bytes) noexcept { return said(out.literal(bytes)); }
  Drop gram(const GramUnit& unit) noexcept { return said(out.gram(unit)); }
  Drop gram_end(const GramEndUnit& unit) noexcept { return said(out.gram_end(unit)); }
  Drop result(const ResultUnit& unit) noexcept { return said(out.result(unit)); }
  Drop extension(uint8_t tag, std::span<const uint8_t> bytes) noexcept { return said(out.extension(tag, bytes)); }
  Drop sync_mark(uint16_t window, bool has_crc, uint16_t value) noexcept {
    return said(has_crc == crc && out.sync_mark(window, has_crc, value));
  }
  Drop sync_ack(uint16_t window) noexcept { return said(out.sync_ack(window)); }
  Drop ack(const AckUnit& unit) noexcept { return said(out.ack(unit)); }
  Drop nack(const uint8_t* items, uint32_t count) noexcept {
    std::vector<UnitWriter::Gap> gaps;
    for (uint32_t i = 0; i < count; ++i) {
      gaps.push_back({load_be<uint32_t>(items + 6 * i), load_be<uint16_t>(items + 6 * i + 4) + 1u});
    }
    return said(out.nack(gaps));
  }
};

/// Units of every kind, values from `rng`.
void write_all(UnitWriter& out, bool crc, std::mt19937_64& rng) {
  const auto u32 = [&] { return static_cast<uint32_t>(rng()); };
  std::vector<uint8_t> bytes(rng() % 300);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(rng());
  for (const uint32_t count : {1u, 62u, 63u, 64u, 65u, 1000u}) {
    std::vector<uint32_t> references(count);
    for (uint32_t& reference : references) reference = u32();
    for (const Tier tier : {Tier::kL1, Tier::kL2, Tier::kL3}) ASSERT_TRUE(out.run(tier, references));
  }
  for (const size_t count : {size_t{1}, size_t{2}, size_t{255}, size_t{256}}) {
    std::vector<Descriptor> ranges(count);
    ExtentsShape shape;
    for (Descriptor& range : ranges) {
      range = blob_range(rng() >> (rng() % 60), 1 + u32() % 0xFFFFFFFF);
      shape.add(range.offset, range.length);
    }
    ASSERT_TRUE(out.extents(shape, ranges));
  }
  ASSERT_TRUE(out.literal(bytes) && out.literal({}));
  ASSERT_TRUE(out.gram({.op = 7, .flags = 0x1234, .blob = u32(), .arg = rng(), .total = rng()}));
  ASSERT_TRUE(
      out.gram_end({.digest_kind = 2, .frames = 0xFFFE, .descriptors = u32(), .bytes = rng(), .digest = rng()}));
  ASSERT_TRUE(out.result({.op = 9, .status = 3, .gram = u32(), .value = rng(), .bytes = bytes}));
  ASSERT_TRUE(out.extension(0xE7, bytes) && out.sync_mark(0xFFFF, crc, 0x29B1) && out.sync_ack(0x8001));
  const UnitWriter::Gap gaps[] = {{u32(), 1}, {u32(), 65536}};
  ASSERT_TRUE(out.nack(gaps) && out.ack({.next = u32(), .credit = u32()}) && out.end());
}

TEST(Writer, WhatItWritesIsReadAndWrittenAgainTheSame) {
  for (const uint64_t seed : {1, 2, 3, 4}) {
    for (const bool crc : {false, true}) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << ", crc " << crc);
      std::mt19937_64 rng(seed);
      std::vector<uint8_t> first(65536);
      UnitWriter out(first);
      write_all(out, crc, rng);
      std::vector<uint8_t> second(first.size());
      UnitWriter again(second);
      Echo echo{again, crc};
      ASSERT_EQ(walk_units(first.data(), first.data() + out.used(), false, crc, echo), Drop::kNone);
      ASSERT_TRUE(again.end());
      ASSERT_EQ(again.used(), out.used());
      EXPECT_EQ(first, second);
    }
  }
}

TEST(Writer, UnitThatDoesNotFitChangesNothing) {
  const uint32_t references[] = {1, 2, 3};
  const Descriptor range = blob_range(5, 9);
  ExtentsShape shape;
  shape.add(5, 9);
  const uint8_t bytes[4] = {1, 2, 3, 4};
  const UnitWriter::Gap gap{1, 1};
  // Each unit by its size: a byte less room refuses it, that much takes it.
  const auto check = [](uint32_t size, auto write) {
    std::vector<uint8_t> room(size, 0xAA);
    UnitWriter tight({room.data(), size - 1});
    EXPECT_FALSE(write(tight)) << "size " << size;
    EXPECT_EQ(tight.used(), 0u);
    EXPECT_EQ(room, std::vector<uint8_t>(size, 0xAA)) << "size " << size;
    UnitWriter exact(room);
    EXPECT_TRUE(write(exact)) << "size " << size;
    EXPECT_EQ(exact.used(), size);
  };
  check(13, [&](UnitWriter& out) { return out.run(Tier::kL3, references); });
  check(24, [&](UnitWriter& out) { return out.extents(shape, {&range, 1}); });
  check(7, [&](UnitWriter& out) { return out.literal(bytes); });
  check(24, [&](UnitWriter& out) { return out.gram({}); });
  check(24, [&](UnitWriter& out) { return out.gram_end({}); });
  check(22, [&](UnitWriter& out) { return out.result({.bytes = bytes}); });
  check(7, [&](UnitWriter& out) { return out.extension(0xE4, bytes); });
  check(44, [&](UnitWriter& out) { return out.file({.name = "a"}); });
  check(44, [&](UnitWriter& out) { return out.receipt({}); });
  check(11, [&](UnitWriter& out) { return out.session({}); });
  check(25, [&](UnitWriter& out) { return out.carry({}); });
  check(55, [&](UnitWriter& out) { return out.sack({.words = 2}); });
  check(131, [&](UnitWriter& out) { return out.hello({}); });
  check(135, [&](UnitWriter& out) { return out.welcome({}); });
  check(25, [&](UnitWriter& out) { return out.bye({}); });
  check(15, [&](UnitWriter& out) { return out.retry({}); });
  check(9, [&](UnitWriter& out) { return out.probe({}); });
  check(5, [&](UnitWriter& out) { return out.sync_mark(1, true, 2); });
  check(3, [&](UnitWriter& out) { return out.sync_mark(1, false, 2); });
  check(3, [&](UnitWriter& out) { return out.sync_ack(1); });
  check(8, [&](UnitWriter& out) { return out.nack({&gap, 1}); });
  check(9, [&](UnitWriter& out) { return out.ack({}); });
  check(1, [&](UnitWriter& out) { return out.end(); });
}

TEST(Pack, IsUndoneByUnpackAtEveryWidth) {
  for (uint32_t bits = 0; bits <= 64; ++bits) {
    for (const size_t count : {size_t{0}, size_t{1}, size_t{2}, size_t{7}, size_t{8}, size_t{65}, size_t{256}}) {
      SCOPED_TRACE(testing::Message() << "bits " << bits << ", count " << count);
      std::mt19937_64 rng(bits * 1000 + count);
      std::vector<uint64_t> values(count);
      for (uint64_t& value : values) value = bits == 0 ? 0 : rng() >> (64 - bits);
      std::vector<uint8_t> packed(packed_bytes(count, bits));
      ASSERT_EQ(pack(values, bits, packed.data()), packed.size());
      std::vector<uint64_t> back(count);
      unpack(packed, bits, back);
      ASSERT_EQ(back, values);
      const uint64_t spare = packed.size() * 8 - count * bits;
      if (spare > 0) {
        ASSERT_EQ(packed.back() >> (8 - spare), 0) << "the last byte is not filled with zeros";
      }
    }
  }
}

}  // namespace
}  // namespace pfs
