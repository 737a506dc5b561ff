#include "wire/sending/planner.hpp"

#include <algorithm>
#include <limits>

#include "wire/frame.hpp"

namespace pfs {
namespace {

// No range is worth more references than this: an EXTENTS of its own takes 24 bytes, and to end a frame before that
// EXTENTS costs at most as many again.
constexpr uint32_t kReferenceBytesMax = 64;

constexpr uint32_t kNowhere = std::numeric_limits<uint32_t>::max();

}  // namespace

SmallestPlanner::SmallestPlanner(const FrameRules& rules, const Layout& layout)
    : rules_(rules),
      layout_(layout),
      used_cost_((uint64_t{kFrameHeaderBytes} << 16) / std::max(rules.payload_bytes, 1u)),
      window_cost_((uint64_t{rules.mark_bytes} << 16) / rules.window_references),
      places_(kPieces + 1) {
  steps_.reserve(3 * size_t{kPieces});
}

uint64_t SmallestPlanner::cost_of(uint64_t bytes, const FrameFill& fill) const noexcept {
  return (bytes << 16) + fill.window * window_cost_;
}

bool SmallestPlanner::beaten(const Place& place, uint32_t state, uint64_t cost, uint32_t used) noexcept {
  const Label* const labels = place.labels.data() + first_slot(state);
  for (uint32_t i = 0; i < place.counts[state]; ++i) {
    if (labels[i].cost <= cost && labels[i].fill.used <= used) return true;
  }
  return false;
}

void SmallestPlanner::offer(uint32_t piece, uint32_t state, Label label) noexcept {
  Place& place = places_[piece];
  label.cost = cost_of(label.bytes, label.fill);
  label.rank = label.cost + label.fill.used * used_cost_;
  if (beaten(place, state, label.cost, label.fill.used)) return;
  Label* const labels = place.labels.data() + first_slot(state);
  uint8_t& count = place.counts[state];
  uint32_t kept = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const bool stays = labels[i].cost < label.cost || labels[i].fill.used < label.fill.used;
    if (!stays) continue;
    if (kept != i) labels[kept] = labels[i];
    ++kept;
  }
  count = static_cast<uint8_t>(kept);
  if (count < slots(state)) {
    labels[count++] = label;
    return;
  }
  Label* worst =
      std::max_element(labels, labels + count, [](const Label& a, const Label& b) { return a.rank < b.rank; });
  if (label.rank < worst->rank) *worst = label;
}

void SmallestPlanner::close_runs(uint32_t piece) noexcept {
  for (uint32_t state = 0; state < kPlain; ++state) {
    for (uint32_t i = 0; i < places_[piece].counts[state]; ++i) {
      const uint32_t slot = first_slot(state) + i;
      Label label = places_[piece].labels[slot];
      label.fill.run = 0;
      label.from = piece * kSlots + slot;
      label.step.count = 0;  // this step writes nothing
      offer(piece, kPlain, label);
    }
  }
}

void SmallestPlanner::open_frame(uint32_t piece) noexcept {
  const Place& place = places_[piece];
  for (uint32_t i = 0; i < place.counts[kPlain]; ++i) {
    Label label = place.labels[first_slot(kPlain) + i];
    if (label.fill.fresh()) continue;
    label.fill.new_frame();
    label.bytes += kFrameHeaderBytes;
    label.from = piece * kSlots + first_slot(kPlain) + i;
    label.step = {.kind = Step::Kind::kFrame, .first = piece, .count = 1};
    offer(piece, kFresh, label);
  }
}

void SmallestPlanner::leave_by_run(uint32_t piece, const Descriptor& range, Tier tier) noexcept {
  const auto references = as_references(layout_, range, tier, kReferenceBytesMax / reference_bytes(tier));
  if (!references) return;
  const auto state = static_cast<uint32_t>(tier);
  const auto go = [&](Label label, uint32_t index) {
    label.from = index;
    label.step = {.kind = Step::Kind::kRun, .tier = tier, .first = piece, .count = 1};
    for (uint32_t left = references->count; left > 0;) {
      const uint32_t fitting = label.fill.fitting(rules_, tier, left);
      if (fitting == 0) {
        if (label.fill.fresh()) return;
        label.fill.new_frame();
        label.bytes += kFrameHeaderBytes;
        continue;
      }
      const uint32_t before = label.fill.used;
      label.fill.add_references(rules_, tier, fitting);
      label.bytes += label.fill.used - before;
      left -= fitting;
    }
    offer(piece + 1, label.fill.run > 0 ? state : kPlain, label);
  };
  const Place& place = places_[piece];
  for (uint32_t i = 0; i < place.counts[state]; ++i) {
    go(place.labels[first_slot(state) + i], piece * kSlots + first_slot(state) + i);
  }
  for (uint32_t i = 0; i < source_count_; ++i) go(sources_[i].label, sources_[i].index);
}

void SmallestPlanner::leave_by_literal(uint32_t piece, uint64_t bytes) noexcept {
  for (uint32_t i = 0; i < source_count_; ++i) {
    Label label = sources_[i].label;
    label.from = sources_[i].index;
    label.step = {.kind = Step::Kind::kLiteral, .first = piece, .count = 1};
    uint64_t left = bytes;
    while (left > 0) {
      const uint32_t share = literal_share(rules_, label.fill, left);
      if (share == 0) {
        if (label.fill.fresh()) return;
        label.fill.new_frame();
        label.bytes += kFrameHeaderBytes;
        continue;
      }
      label.fill.used += 3 + share;
      label.bytes += 3 + share;
      left -= share;
    }
    offer(piece + 1, kPlain, label);
  }
}

void SmallestPlanner::offer_extents(uint32_t piece, uint32_t pieces, const ExtentsShape& shape,
                                    uint32_t slice) noexcept {
  const uint32_t bytes = shape.bytes();
  for (uint32_t i = 0; i < source_count_; ++i) {
    const Label& source = sources_[i].label;
    FrameFill fill = source.fill;
    if (!fill.extents_fit(rules_, shape.count(), bytes)) continue;
    fill.add_extents(rules_, shape.count(), bytes);
    const uint64_t sent = source.bytes + fill.used - source.fill.used;
    if (beaten(places_[piece + pieces], kPlain, cost_of(sent, fill), fill.used)) continue;  // most of them are beaten
    Label label{.bytes = sent, .fill = fill};
    label.from = sources_[i].index;
    label.step = {.kind = Step::Kind::kExtents, .first = piece, .count = pieces, .slice = slice};
    offer(piece + pieces, kPlain, label);
  }
}

void SmallestPlanner::leave_by_extents(uint32_t piece, std::span<const Descriptor> pieces, uint32_t slice) noexcept {
  uint32_t most_room = 0;
  for (uint32_t i = 0; i < source_count_; ++i)
    most_room = std::max(most_room, rules_.payload_bytes - sources_[i].label.fill.used);
  ExtentsShape shape;
  for (uint32_t n = 0; piece + n < pieces.size(); ++n) {
    const Descriptor& range = pieces[piece + n];
    if (!range.in_blob()) return;
    uint64_t ranges = 1;
    if (slice != 0) {
      if (range.length % slice != 0) return;
      ranges = range.length / slice;
    }
    if (shape.count() + ranges > std::min(kExtentsMax, rules_.window_references)) return;
    shape.add(range.offset, slice != 0 ? slice : range.length);
    shape.add_adjacent(ranges - 1, slice);
    if (shape.bytes() > most_room) return;
    if (slice == 0 || shape.count() > n + 1) offer_extents(piece, n + 1, shape, slice);
  }
}

void SmallestPlanner::leave(uint32_t piece, std::span<const Descriptor> pieces) noexcept {
  close_runs(piece);
  open_frame(piece);
  source_count_ = 0;
  for (const uint32_t state : {kPlain, kFresh}) {
    for (uint32_t i = 0; i < places_[piece].counts[state]; ++i) {
      const uint32_t slot = first_slot(state) + i;
      sources_[source_count_++] = {places_[piece].labels[slot], piece * kSlots + slot};
    }
  }
  const Descriptor& range = pieces[piece];
  if (!range.in_blob()) return leave_by_literal(piece, range.length);
  for (const Tier tier : {Tier::kL1, Tier::kL2, Tier::kL3}) leave_by_run(piece, range, tier);
  leave_by_extents(piece, pieces, 0);
  // Where the lengths of a few ranges are multiples of the others' length, cutting these few saves the packed lengths.
  leave_by_extents(piece, pieces, static_cast<uint32_t>(range.length));
  if (range.length != layout_.block) leave_by_extents(piece, pieces, layout_.block);
}

uint32_t SmallestPlanner::best_end(uint32_t piece, bool last, uint32_t tail_bytes) const noexcept {
  const Place& place = places_[piece];
  uint32_t best = kNowhere;
  uint64_t least = std::numeric_limits<uint64_t>::max();
  for (uint32_t state = 0; state <= kPlain; ++state) {
    for (uint32_t i = 0; i < place.counts[state]; ++i) {
      const Label& label = place.labels[first_slot(state) + i];
      const bool fits = label.fill.used + tail_bytes <= rules_.payload_bytes;
      const uint64_t cost = last ? label.bytes + (fits ? 0 : kFrameHeaderBytes) : label.rank;
      if (cost >= least) continue;
      least = cost;
      best = piece * kSlots + first_slot(state) + i;
    }
  }
  return best;
}

std::span<const Step> SmallestPlanner::plan(std::span<const Descriptor> pieces, const FrameFill& fill, bool last,
                                            uint32_t tail_bytes) noexcept {
  const auto count = static_cast<uint32_t>(pieces.size());
  for (uint32_t piece = 0; piece <= count; ++piece) places_[piece].counts.fill(0);
  steps_.clear();
  offer(0, fill.run > 0 ? static_cast<uint32_t>(fill.tier) : kPlain, Label{.fill = fill, .from = kNowhere});
  for (uint32_t piece = 0; piece < count; ++piece) leave(piece, pieces);

  const uint32_t until = last ? count : count - std::min(count, kLookAhead);
  for (uint32_t at = best_end(count, last, tail_bytes); at != kNowhere;) {
    const Label& label = places_[at / kSlots].labels[at % kSlots];
    const Step& step = label.step;
    at = label.from;
    if (at != kNowhere && step.count > 0 && step.first < until) steps_.push_back(step);
  }
  std::reverse(steps_.begin(), steps_.end());
  return steps_;
}

}  // namespace pfs
