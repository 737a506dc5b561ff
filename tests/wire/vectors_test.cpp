#include "vectors.hpp"

#include <gtest/gtest.h>

#include "collect.hpp"
#include "simd/crc16/crc16.hpp"

namespace pfs {
namespace {

using nlohmann::json;

json header_of(const Frame& frame) {
  if (frame.bare) return nullptr;
  const FrameHeader& header = frame.header;
  return {{"flags", header.flags}, {"stream", header.stream}, {"seq", header.seq},
          {"gram", header.gram},   {"frag", header.frag},     {"length", header.length}};
}

json ranges_of(const DescriptorTable& table) {
  json out = json::array();
  for (uint32_t i = 0; i < table.count; ++i) {
    out.push_back({uint64_t{table.data[i].space}, table.data[i].offset, uint64_t{table.data[i].length}});
  }
  return out;
}

TEST(Vectors, EveryRowDecodesToItsHeaderDescriptorsAndError) {
  const Vectors vectors = load_vectors();
  ASSERT_GE(vectors.rows.size(), 600u);
  for (const json& row : vectors.rows) {
    SCOPED_TRACE(row.at("name").get<std::string>());
    const auto payload = from_hex(row.at("payload"));
    Collect into(vectors.layout, 70000);
    into.key = vectors.key;
    Frame frame;
    const Drop drop = collect(payload, frame, into);
    if (!row.at("error").is_null()) {
      EXPECT_EQ(name(drop), row.at("error").get<std::string>());
      continue;
    }
    EXPECT_EQ(drop, Drop::kNone) << name(drop);
    EXPECT_EQ(header_of(frame), row.at("header"));
    EXPECT_EQ(ranges_of(into.table), row.at("descriptors"));
  }
}

/// Only the CRC of the window's references: what rows with "crc16" state.
struct WindowBytes : Collect {
  using Collect::Collect;
  Drop run(Tier tier, const uint8_t* references, uint32_t count) noexcept {
    crc = crc16_ccitt(crc, references, size_t{count} * reference_bytes(tier));
    return Drop::kNone;
  }
  Drop extents(const ExtentsUnit& unit) noexcept {
    crc = crc16_ccitt(crc, unit.raw.data(), unit.raw.size());
    return Drop::kNone;
  }
  uint16_t crc = kCrc16Start;
};

TEST(Vectors, EveryStatedCrcIsThatOfTheWindowsReferences) {
  const Vectors vectors = load_vectors();
  size_t stated = 0;
  for (const json& row : vectors.rows) {
    if (!row.contains("crc16")) continue;
    ++stated;
    SCOPED_TRACE(row.at("name").get<std::string>());
    const auto payload = from_hex(row.at("payload"));
    Frame frame;
    ASSERT_EQ(read_frame(payload.data(), static_cast<uint32_t>(payload.size()), frame), Drop::kNone);
    WindowBytes into(vectors.layout, 0);
    const bool crc = frame.bare || (frame.header.flags & kFlagCrc) != 0;
    ASSERT_EQ(walk_units(frame.units, frame.end, frame.bare, crc, into), Drop::kNone);
    EXPECT_EQ(into.crc, row.at("crc16").get<uint16_t>());
  }
  EXPECT_GE(stated, 400u);
}

}  // namespace
}  // namespace pfs
