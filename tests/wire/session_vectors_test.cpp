#include <gtest/gtest.h>

#include <memory>

#include "vectors.hpp"
#include "wire/receiving/walk.hpp"
#include "wire/session_units.hpp"

namespace pfs {
namespace {

using nlohmann::json;

/// Reads every unit of sessions and counts those that are of their form.
struct Reading : UnitVisitor {
  template <class Unit>
  bool of(bool (*read)(std::span<const uint8_t>, Unit&) noexcept, std::span<const uint8_t> bytes) noexcept {
    Unit unit;
    return read(bytes, unit);
  }
  Drop extension(uint8_t tag, std::span<const uint8_t> bytes) noexcept {
    count += (tag == kSackTag && of(read_sack, bytes)) || (tag == kHelloTag && of(read_hello, bytes)) ||
             (tag == kWelcomeTag && of(read_welcome, bytes)) || (tag == kByeTag && of(read_bye, bytes)) ||
             (tag == kRetryTag && of(read_retry, bytes)) || (tag == kProbeTag && of(read_probe, bytes));
    return Drop::kNone;
  }
  Drop nack(const uint8_t* /*items*/, uint32_t /*count*/) noexcept { return ++count, Drop::kNone; }

  size_t count = 0;
};

TEST(SessionVectors, EveryRowIsJudgedAndReadAsItSays) {
  std::ifstream file(PFS_SESSION_VECTORS);
  std::string line;
  ASSERT_TRUE(std::getline(file, line));  // the layout
  size_t rows = 0;
  for (; std::getline(file, line); ++rows) {
    const json row = json::parse(line);
    SCOPED_TRACE(row.at("name").get<std::string>());
    const auto bytes = from_hex(row.at("payload"));
    // Of exactly its size, so that a sanitizer sees a read behind it.
    const auto payload = std::make_unique<uint8_t[]>(bytes.size());
    std::copy(bytes.begin(), bytes.end(), payload.get());
    ASSERT_TRUE(is_carried({payload.get(), bytes.size()}));
    Carried opened;
    const Drop drop = open_carried({payload.get(), bytes.size()}, opened);
    const json& session = row.at("session");
    ASSERT_EQ(drop == Drop::kNone ? json() : json(name(drop)), session.at("error"));
    if (session.at("carry").is_null()) continue;
    EXPECT_EQ(opened.carry.session, session.at("carry").at("session"));
    EXPECT_EQ(opened.carry.stamp, session.at("carry").at("stamp"));
    EXPECT_EQ(opened.frame.header.seq, row.at("header").at("seq"));
    Reading reading;
    (void)walk_units(opened.frame.units, opened.frame.end, false, (opened.frame.header.flags & kFlagCrc) != 0, reading);
    size_t named = 0;
    for (const json& unit : session.at("units")) named += unit.at("unit") != "raw" ? 1 : 0;
    EXPECT_EQ(reading.count, named);
  }
  EXPECT_GT(rows, 100u);
}

}  // namespace
}  // namespace pfs
