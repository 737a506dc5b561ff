#include "wire/sending/plan.hpp"

#include <algorithm>
#include <array>

#include "wire/frame.hpp"
#include "wire/sending/extents_shape.hpp"

namespace pfs {
namespace {

constexpr uint32_t kExtentsAlone = 1 + kExtentsFixedBytes;  // bytes of EXTENTS of one range
constexpr uint32_t kLiteralHead = 3;                        // bytes
constexpr uint32_t kLiteralScrap = 64;                      // bytes; a smaller share is not worth another unit's head
constexpr uint32_t kLiteralMax = 65535;                     // bytes in one LITERAL

struct Prefix {
  uint32_t pieces = 0;
  uint32_t bytes = 0;
};

/// Grows an EXTENTS from the first piece on, as long as each further piece costs no more than an EXTENTS of its own
/// would. `bytes_at[n]` receives the size with n + 1 pieces.
Prefix grow_extents(const FrameRules& rules, const FrameFill& fill, std::span<const Descriptor> pieces,
                    std::span<uint32_t, kExtentsMax> bytes_at) noexcept {
  ExtentsShape shape;
  Prefix best;
  const size_t most = std::min<size_t>(pieces.size(), kExtentsMax);
  while (best.pieces < most && pieces[best.pieces].in_blob()) {
    shape.add(pieces[best.pieces].offset, pieces[best.pieces].length);
    const uint32_t bytes = shape.bytes();
    if (best.pieces > 0 && bytes - best.bytes > kExtentsAlone) break;
    if (!fill.extents_fit(rules, shape.count(), bytes)) break;
    bytes_at[best.pieces] = bytes;
    best = {best.pieces + 1, bytes};
  }
  return best;
}

/// Grows a run of `tier` over the first pieces, at most `most` of them, as long as each piece costs no more than an
/// EXTENTS of its own would.
Prefix grow_run(const Layout& layout, const FrameFill& fill, std::span<const Descriptor> pieces, Tier tier,
                uint32_t most) noexcept {
  const uint32_t width = reference_bytes(tier);
  const uint32_t before = fill.run > 0 && fill.tier == tier ? fill.run : 0;
  Prefix run;
  uint32_t references = 0;
  for (; run.pieces < most; ++run.pieces) {
    const auto found = as_references(layout, pieces[run.pieces], tier, kExtentsAlone / width);
    if (!found) break;
    references += found->count;
  }
  run.bytes = references * width + smallest_run_head_bytes(before + references) - smallest_run_head_bytes(before);
  return run;
}

}  // namespace

void FrameFill::new_frame() noexcept {
  used = kFrameHeaderBytes;
  run = 0;
}

bool FrameFill::fresh() const noexcept { return used <= kFrameHeaderBytes; }

uint32_t FrameFill::fitting(const FrameRules& rules, Tier of, uint32_t wanted) const noexcept {
  const uint32_t left = window_left(rules);
  const uint32_t width = reference_bytes(of);
  const uint32_t room = rules.payload_bytes - used;
  const uint32_t before = run > 0 && tier == of ? run : 0;
  uint32_t count = std::min({wanted, left, room / width, kRunMax - before});
  const auto bytes = [&] {
    return count * width + smallest_run_head_bytes(before + count) - smallest_run_head_bytes(before) +
           (count == left ? rules.mark_bytes : 0);
  };
  while (count > 0 && bytes() > room) --count;  // a few times at most: for a run's head and a mark
  return count;
}

void FrameFill::add_references(const FrameRules& rules, Tier of, uint32_t count) noexcept {
  const uint32_t before = run > 0 && tier == of ? run : 0;
  used += count * reference_bytes(of) + smallest_run_head_bytes(before + count) - smallest_run_head_bytes(before);
  window += count;
  run = before + count;
  tier = of;
  if (window == rules.window_references) {
    window = 0;
    run = 0;
    used += rules.mark_bytes;
  }
}

bool FrameFill::extents_fit(const FrameRules& rules, uint32_t count, uint32_t bytes) const noexcept {
  const uint32_t left = window_left(rules);
  return count <= left && bytes + (count == left ? rules.mark_bytes : 0) <= rules.payload_bytes - used;
}

void FrameFill::add_extents(const FrameRules& rules, uint32_t count, uint32_t bytes) noexcept {
  used += bytes;
  window += count;
  run = 0;
  if (window == rules.window_references) {
    window = 0;
    used += rules.mark_bytes;
  }
}

uint32_t literal_share(const FrameRules& rules, const FrameFill& fill, uint64_t left) noexcept {
  const uint32_t room = rules.payload_bytes - fill.used;
  if (room <= kLiteralHead) return 0;
  const auto share = static_cast<uint32_t>(std::min<uint64_t>({left, room - kLiteralHead, kLiteralMax}));
  return share < left && share < kLiteralScrap && !fill.fresh() ? 0 : share;
}

std::optional<References> as_references(const Layout& layout, const Descriptor& range, Tier tier,
                                        uint64_t most) noexcept {
  const uint64_t base = tier_base(tier, layout);
  const uint64_t item = item_bytes(tier, layout);
  const uint64_t past = uint64_t{1} << 8 * reference_bytes(tier);  // the first index that the tier cannot name
  if (!range.in_blob() || range.offset < base || range.length > most * item) return std::nullopt;
  if ((range.offset - base) % item != 0 || range.length % item != 0) return std::nullopt;
  const uint64_t first = (range.offset - base) / item;
  const uint64_t count = range.length / item;
  if (first >= past || count > past - first) return std::nullopt;
  return References{static_cast<uint32_t>(first), static_cast<uint32_t>(count)};
}

Step next_step(const FrameRules& rules, const Layout& layout, const FrameFill& fill,
               std::span<const Descriptor> pieces) noexcept {
  if (!pieces[0].in_blob()) return {.kind = Step::Kind::kLiteral, .count = 1};
  std::array<uint32_t, kExtentsMax> bytes_at;
  const Prefix extents = grow_extents(rules, fill, pieces, bytes_at);
  // A run has to beat EXTENTS over the pieces that both cover.
  const uint32_t most = extents.pieces > 0 ? extents.pieces : 1;
  for (const Tier tier : {Tier::kL1, Tier::kL2, Tier::kL3}) {
    const Prefix run = grow_run(layout, fill, pieces, tier, most);
    if (run.pieces == 0) continue;
    if (extents.pieces == 0 || run.bytes <= bytes_at[run.pieces - 1]) {
      return {.kind = Step::Kind::kRun, .tier = tier, .count = run.pieces};
    }
  }
  if (extents.pieces == 0) return {.kind = Step::Kind::kFrame};
  return {.kind = Step::Kind::kExtents, .count = extents.pieces};
}

}  // namespace pfs
