#include "session_json.hpp"

#include <algorithm>

#include "base/endian.hpp"
#include "session_kinds.hpp"
#include "wire/receiving/walk.hpp"

namespace pfs {
namespace {

using nlohmann::ordered_json;

template <std::unsigned_integral T>
ordered_json to_json(T value) {
  return value;
}
ordered_json to_json(ByeUnit::Reason reason) { return name(reason); }
ordered_json to_json(const Sha256Digest& root) { return to_hex(root); }
ordered_json to_json(const SackMap& map) { return std::vector<uint64_t>(map.map.begin(), map.map.begin() + map.words); }

template <class Unit>
void add_fields(ordered_json& to, Unit& unit) {
  for_fields(unit, [&](const char* name, const auto& field) { to[name] = to_json(field); });
}

/// Lists the units of sessions, and what stands between them as it is.
struct Lister : UnitVisitor {
  explicit Lister(const uint8_t* at) : listed(at) {}

  Drop extension(uint8_t tag, std::span<const uint8_t> bytes) {
    with_session_unit(tag, bytes, [&](const char* name, auto& unit) {
      begin(name, bytes.data() - 3);
      add_fields(units.back(), unit);
      listed = bytes.data() + bytes.size();
    });
    return Drop::kNone;
  }

  Drop nack(const uint8_t* items, uint32_t count) {
    begin("NACK", items - 2);
    ordered_json gaps = ordered_json::array();
    for (; count > 0; --count, items += 6) {
      gaps.push_back({load_be<uint32_t>(items), load_be<uint16_t>(items + 4) + 1u});
    }
    units.back()["gaps"] = std::move(gaps);
    listed = items;
    return Drop::kNone;
  }

  /// What is not listed yet, up to `end`.
  void list_raw(const uint8_t* end) {
    if (listed != end) units.push_back({{"unit", "raw"}, {"bytes", to_hex({listed, end})}});
    listed = end;
  }

  ordered_json units = ordered_json::array();
  const uint8_t* listed;  ///< behind what is listed

 private:
  void begin(const char* name, const uint8_t* at) {
    list_raw(at);
    units.push_back({{"unit", name}});
  }
};

bool is_padding(const uint8_t* at, const uint8_t* end) {
  return at != end && *at == static_cast<uint8_t>(Tag::kEnd) &&
         std::all_of(at + 1, end, [](uint8_t b) { return b == 0; });
}

}  // namespace

ordered_json session_json(std::span<const uint8_t> payload) {
  Carried opened;
  const Drop fault = open_carried(payload, opened);
  ordered_json out = {
      {"error", nullptr}, {"crc", nullptr}, {"carry", nullptr}, {"units", ordered_json::array()}, {"bytes", nullptr}};
  if (fault != Drop::kNone) out["error"] = name(fault);
  if (fault == Drop::kNone) out["crc"] = "holds";
  if (fault == Drop::kCrcMismatch) out["crc"] = "differs";
  if (fault == Drop::kBadVersion || fault == Drop::kBadUnit) return out;
  ordered_json carry = ordered_json::object();
  add_fields(carry, opened.carry);
  out["carry"] = std::move(carry);
  const Frame& frame = opened.frame;
  Lister lister(frame.units);
  (void)walk_units(frame.units, frame.end, false, (frame.header.flags & kFlagCrc) != 0, lister);
  const bool padded = is_padding(lister.listed, frame.end);
  if (!padded) lister.list_raw(frame.end);
  out["units"] = std::move(lister.units);
  if (padded) out["bytes"] = frame.end - payload.data();
  return out;
}

}  // namespace pfs
