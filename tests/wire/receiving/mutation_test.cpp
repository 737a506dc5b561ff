#include <gtest/gtest.h>

#include <random>

#include "../../simd/guarded.hpp"
#include "collect.hpp"
#include "vectors.hpp"

// Random and broken payloads, at the end of a page that nothing may be read behind. Whatever the verdict, it is one of
// WIRE.md's names, and every range of an accepted frame lies where it may.
namespace pfs {
namespace {

void judge(Guarded& memory, const std::vector<uint8_t>& payload, const Vectors& vectors, const std::string& what) {
  const uint8_t* at = memory.at_end(payload.data(), payload.size());
  Collect into(vectors.layout, 1024);  // few enough that some frames are over the limit
  into.key = vectors.key;
  Frame frame;
  const Drop drop = collect({at, payload.size()}, frame, into);
  ASSERT_TRUE(drop <= Drop::kOutOfBounds || drop == Drop::kOverLimit) << what << " gave " << name(drop);
  ASSERT_LE(into.table.count, into.table.capacity) << what;
  if (drop != Drop::kNone) return;
  for (uint32_t i = 0; i < into.table.count; ++i) {
    const Descriptor& range = into.table.data[i];
    ASSERT_GT(range.length, 0u) << what;
    ASSERT_TRUE(inside(range.offset, range.length, range.in_blob() ? vectors.layout.size : into.slab))
        << what << ", descriptor " << i << ": " << range.offset << '+' << range.length;
    const bool continues = i > 0 && range.space == into.table.data[i - 1].space &&
                           into.table.data[i - 1].offset + into.table.data[i - 1].length == range.offset;
    ASSERT_FALSE(continues) << what << ", descriptor " << i << " was not merged";
  }
}

TEST(Mutation, RandomBytesAreJudgedByName) {
  const Vectors vectors = load_vectors();
  Guarded memory(1 << 16);
  for (uint32_t seed = 0; seed < 20000; ++seed) {
    std::mt19937 random(seed);
    std::vector<uint8_t> payload(random() % 200);
    for (auto& byte : payload) byte = static_cast<uint8_t>(random());
    if (seed % 2 == 0 && payload.size() >= kFrameHeaderBytes) {  // a good header, so that the units are reached
      write_frame(payload.data(), {.flags = static_cast<uint8_t>(random() & 15),
                                   .length = static_cast<uint16_t>(payload.size() - kFrameHeaderBytes)});
    }
    judge(memory, payload, vectors, "seed " + std::to_string(seed));
    if (HasFatalFailure()) return;
  }
}

TEST(Mutation, BrokenVectorsAreJudgedByName) {
  const Vectors vectors = load_vectors();
  Guarded memory(1 << 16);
  std::mt19937 random(1);
  for (const auto& row : vectors.rows) {
    const auto good = from_hex(row.at("payload"));
    for (uint32_t round = 0; round < 40; ++round) {
      auto payload = good;
      const uint32_t kind = random() % 4;
      if (kind == 0) payload.resize(random() % (payload.size() + 1));
      if (kind == 1 && payload.size() > kFrameHeaderBytes) payload[14] = payload[15] = static_cast<uint8_t>(random());
      for (uint32_t flips = kind == 0 ? 0 : 1 + random() % 3; flips > 0 && !payload.empty(); --flips) {
        payload[random() % payload.size()] ^= static_cast<uint8_t>(1u << random() % 8);
      }
      judge(memory, payload, vectors, row.at("name").get<std::string>() + " round " + std::to_string(round));
      if (HasFatalFailure()) return;
    }
  }
}

TEST(Mutation, EveryTruncationOfEveryUnitIsTruncatedAndNothingElse) {
  const Vectors vectors = load_vectors();
  for (const auto& row : vectors.rows) {
    if (!row.at("error").is_null()) continue;
    const auto payload = from_hex(row.at("payload"));
    Frame frame;
    ASSERT_EQ(read_frame(payload.data(), static_cast<uint32_t>(payload.size()), frame), Drop::kNone);
    if (frame.bare || frame.header.length > 300) continue;
    for (uint16_t length = 0; length < frame.header.length; ++length) {
      auto cut = payload;
      store_be(cut.data() + 14, length);
      Collect into(vectors.layout, 4096);  // more than 300 bytes of EXTENTS can denote
      into.key = vectors.key;
      Frame again;
      const Drop drop = collect(cut, again, into);
      ASSERT_TRUE(drop == Drop::kNone || drop == Drop::kTruncated)
          << row.at("name") << " at " << length << ": " << name(drop);
    }
  }
}

}  // namespace
}  // namespace pfs
