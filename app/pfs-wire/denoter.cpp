#include "denoter.hpp"

#include <algorithm>

#include "wire/receiving/denote.hpp"
#include "wire/receiving/walk.hpp"

namespace pfs {
namespace {

/// Walks a frame for its descriptors; what denotes nothing is passed over.
struct Visitor {
  Denoter& denoter;

  Drop run(Tier tier, const uint8_t* references, uint32_t count) noexcept {
    return denoter.run(tier, references, count);
  }
  Drop extents(const ExtentsUnit& unit) noexcept { return denoter.extents(unit); }
  Drop literal(std::span<const uint8_t> bytes) noexcept { return denoter.literal(bytes); }
  Drop gram(const GramUnit&) noexcept { return Drop::kNone; }
  Drop gram_end(const GramEndUnit&) noexcept { return Drop::kNone; }
  Drop result(const ResultUnit&) noexcept { return Drop::kNone; }
  Drop extension(uint8_t, std::span<const uint8_t>) noexcept { return Drop::kNone; }
  Drop sync_mark(uint16_t, bool, uint16_t) noexcept { return Drop::kNone; }
  Drop sync_ack(uint16_t) noexcept { return Drop::kNone; }
  Drop ack(const AckUnit&) noexcept { return Drop::kNone; }
  Drop nack(const uint8_t*, uint32_t) noexcept { return Drop::kNone; }
};

}  // namespace

Denoted Denoter::decode(std::span<const uint8_t> payload) {
  Denoted out;
  out.error = read_frame(payload.data(), static_cast<uint32_t>(payload.size()), out.frame);
  if (out.error != Drop::kNone) return out;
  begin(out.frame);
  Visitor visitor{*this};
  const bool crc = out.frame.bare ? session_.bare_crc : (out.frame.header.flags & kFlagCrc) != 0;
  out.error = walk_units(out.frame.units, out.frame.end, out.frame.bare, crc, visitor);
  if (out.error == Drop::kNone) out.descriptors = descriptors();
  return out;
}

void Denoter::begin(const Frame& frame) {
  count_ = 0;
  slab_ = 0;
  prp_ = !frame.bare && (frame.header.flags & kFlagPrp) != 0;
}

DescriptorTable Denoter::room_for(uint32_t count) {
  if (table_.size() < count_ + count) table_.resize(std::max<size_t>(count_ + count, table_.size() * 2));
  return {.data = table_.data(), .count = count_, .capacity = static_cast<uint32_t>(table_.size())};
}

Drop Denoter::run(Tier tier, const uint8_t* references, uint32_t count) noexcept {
  DescriptorTable table = room_for(count);
  const Drop drop = denote_run(tier, references, count, session_.layout, prp_, session_.key, table, 0);
  if (drop == Drop::kNone) count_ = table.count;
  return drop;
}

Drop Denoter::extents(const ExtentsUnit& unit) noexcept {
  DescriptorTable table = room_for(unit.count);
  const Drop drop = denote_extents(unit, session_.layout, table, 0);
  if (drop == Drop::kNone) count_ = table.count;
  return drop;
}

Drop Denoter::literal(std::span<const uint8_t> bytes) noexcept {
  if (bytes.empty()) return Drop::kNone;
  DescriptorTable table = room_for(1);
  const Drop drop = denote_literal(slab_, bytes.size(), table, 0);
  if (drop == Drop::kNone) count_ = table.count;
  slab_ += bytes.size();
  return drop;
}

}  // namespace pfs
