#include "denoter.hpp"

#include <algorithm>

#include "wire/receiving/denote.hpp"
#include "wire/receiving/walk.hpp"

namespace pfs {
namespace {

/// Walks a frame for its descriptors.
struct Visitor : UnitVisitor {
  explicit Visitor(Denoter& into) : denoter(into) {}

  Drop run(Tier tier, const uint8_t* references, uint32_t count) noexcept {
    return denoter.run(tier, references, count);
  }
  Drop extents(const ExtentsUnit& unit) noexcept { return denoter.extents(unit); }
  Drop literal(std::span<const uint8_t> bytes) noexcept { return denoter.literal(bytes); }

  Denoter& denoter;
};

}  // namespace

Denoted Denoter::decode(std::span<const uint8_t> payload) {
  Denoted out;
  out.error = read_frame(payload.data(), static_cast<uint32_t>(payload.size()), out.frame);
  if (out.error != Drop::kNone) return out;
  begin(out.frame);
  Visitor visitor(*this);
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
