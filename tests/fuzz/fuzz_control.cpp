#include "fuzz_control.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>

#include "base/endian.hpp"
#include "wire/receiving/walk.hpp"
#include "wire/sending/writer.hpp"
#include "wire/session_units.hpp"

namespace pfs::test {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

/// Reads the units of sessions; what was read has to be written as it came, since each has one form.
struct Reading : UnitVisitor {
  template <class Unit>
  void of(uint8_t tag, std::span<const uint8_t> bytes, bool (*read)(std::span<const uint8_t>, Unit&) noexcept,
          bool (UnitWriter::*write)(const Unit&) noexcept) noexcept {
    Unit unit;
    if (!read(bytes, unit)) return;
    ++count;
    std::array<uint8_t, 1024> room;
    UnitWriter out(room);
    require((out.*write)(unit));
    require(out.used() == 3 + bytes.size() && room[0] == tag && load_be<uint16_t>(&room[1]) == bytes.size());
    // CARRY's CRC is not a field; the writer leaves zeros for seal_carried().
    const size_t crc = tag == kCarryTag ? sizeof(uint32_t) : 0;
    require(std::equal(bytes.begin() + crc, bytes.end(), room.begin() + 3 + crc));
  }

  Drop extension(uint8_t tag, std::span<const uint8_t> bytes) noexcept {
    if (tag == kCarryTag) of(tag, bytes, read_carry, &UnitWriter::carry);
    if (tag == kSackTag) of(tag, bytes, read_sack, &UnitWriter::sack);
    if (tag == kHelloTag) of(tag, bytes, read_hello, &UnitWriter::hello);
    if (tag == kWelcomeTag) of(tag, bytes, read_welcome, &UnitWriter::welcome);
    if (tag == kByeTag) of(tag, bytes, read_bye, &UnitWriter::bye);
    if (tag == kRetryTag) of(tag, bytes, read_retry, &UnitWriter::retry);
    if (tag == kProbeTag) of(tag, bytes, read_probe, &UnitWriter::probe);
    return Drop::kNone;
  }

  Drop nack(const uint8_t* items, uint32_t units) noexcept {
    ++count;
    std::array<UnitWriter::Gap, 256> gaps;
    for (uint32_t i = 0; i < units; ++i) {
      gaps[i] = {load_be<uint32_t>(items + 6 * i), load_be<uint16_t>(items + 6 * i + 4) + 1u};
    }
    std::array<uint8_t, 2 + 6 * 256> room;
    UnitWriter out(room);
    require(out.nack({gaps.data(), units}));
    require(std::memcmp(items, &room[2], 6 * size_t{units}) == 0);
    return Drop::kNone;
  }

  int count = 0;
};

int read_units(const Carried& opened) {
  Reading reading;
  (void)walk_units(opened.frame.units, opened.frame.end, false, (opened.frame.header.flags & kFlagCrc) != 0, reading);
  return reading.count;
}

void require_bounds(std::span<const uint8_t> payload, const Carried& opened, Drop drop) {
  const uint8_t* end = payload.data() + payload.size();
  const uint8_t* announced = payload.data() + kFrameHeaderBytes + opened.frame.header.length;
  require(opened.frame.units == payload.data() + kFrameHeaderBytes + kCarryUnitBytes);
  require(opened.frame.units <= opened.frame.end && opened.frame.end <= end);
  require(drop == Drop::kTruncated ? opened.frame.end == end && announced > end : opened.frame.end == announced);
}

}  // namespace

int fuzz_control(const uint8_t* data, size_t size) {
  // Of exactly its size, so that a sanitizer sees a read behind it.
  const auto room = std::make_unique<uint8_t[]>(size);
  std::copy_n(data, size, room.get());
  const std::span<uint8_t> payload(room.get(), size);
  if (!is_carried(payload)) return 0;
  Carried opened;
  const Drop drop = open_carried(payload, opened);
  if (drop == Drop::kBadVersion || drop == Drop::kBadUnit) return 0;
  require_bounds(payload, opened, drop);
  const int count = read_units(opened);
  if (drop == Drop::kTruncated) return count;

  seal_carried(payload, opened.carry);
  Carried again;
  require(open_carried(payload, again) == Drop::kNone);
  require(read_units(again) == count);
  const size_t units_end = kFrameHeaderBytes + again.frame.header.length;
  const size_t bit = (size * 31 + payload[19]) % (8 * units_end);  // any one, of the announced bytes
  payload[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
  require(!is_carried(payload) || open_carried(payload, again) != Drop::kNone);
  return count;
}

}  // namespace pfs::test
