#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "wire/sending/extents_shape.hpp"
#include "wire/sending/plan.hpp"

namespace pfs {

/// Finds a small sequence of units for a list of pieces: a dynamic program over the pieces that follows the frames'
/// and windows' filling along with the bytes. At each piece a few ways to have come so far are kept (labels): those
/// that are not beaten in both the bytes sent and the room taken of the open frame.
/// Time: at most 256 EXTENTS a piece and a way of cutting; memory: taken once, for `kPieces` pieces.
class SmallestPlanner {
 public:
  static constexpr uint32_t kPieces = 4096;  ///< in one plan() call
  static constexpr uint32_t kLookAhead =
      512;  ///< pieces at the end of a list with more to come that are left unplanned

  SmallestPlanner(const FrameRules& rules, const Layout& layout);

  /// Steps for `pieces` (at most kPieces; not empty, merged and below 2^32 bytes as for next_step), the frame and the
  /// window being filled as `fill` says. `last`: behind them `tail_bytes` end the gram. Otherwise more pieces will
  /// come, and the last kLookAhead are left for the next call. Empty: the pieces do not fit into frames so small.
  std::span<const Step> plan(std::span<const Descriptor> pieces, const FrameFill& fill, bool last,
                             uint32_t tail_bytes) noexcept;

 private:
  /// A way to have come to a piece.
  struct Label {
    uint64_t bytes = 0;  // so far
    uint64_t cost = 0;   // 2^16ths of a byte: those, and the open window's share of its mark
    uint64_t rank = 0;   // and the open frame's share of the next one's header: which to keep where there are too many
    FrameFill fill;
    uint32_t from = 0;  // the label before it
    Step step;          // and what was written between
  };
  // The labels of one piece: by tier where a run of it is open, where none is, and right behind a frame header.
  static constexpr uint32_t kRunSlots = 3;
  static constexpr uint32_t kPlainSlots = 8;
  static constexpr uint32_t kPlain = 3;
  static constexpr uint32_t kFresh = 4;
  static constexpr uint32_t kSlots = 3 * kRunSlots + kPlainSlots + 1;
  struct Place {
    std::array<Label, kSlots> labels;
    std::array<uint8_t, 5> counts{};
  };
  struct Source {
    Label label;
    uint32_t index = 0;
  };

  static constexpr uint32_t first_slot(uint32_t state) noexcept {
    return state <= kPlain ? state * kRunSlots : 3 * kRunSlots + kPlainSlots;
  }
  static constexpr uint32_t slots(uint32_t state) noexcept {
    return state < kPlain ? kRunSlots : state == kPlain ? kPlainSlots : 1;
  }
  [[nodiscard]] uint64_t cost_of(uint64_t bytes, const FrameFill& fill) const noexcept;
  static bool beaten(const Place& place, uint32_t state, uint64_t cost, uint32_t used) noexcept;
  void offer(uint32_t piece, uint32_t state, Label label) noexcept;
  void close_runs(uint32_t piece) noexcept;
  void open_frame(uint32_t piece) noexcept;
  void leave(uint32_t piece, std::span<const Descriptor> pieces) noexcept;
  void leave_by_run(uint32_t piece, const Descriptor& range, Tier tier) noexcept;
  void leave_by_literal(uint32_t piece, uint64_t left) noexcept;
  void leave_by_extents(uint32_t piece, std::span<const Descriptor> pieces, uint32_t slice) noexcept;
  void offer_extents(uint32_t piece, uint32_t pieces, const ExtentsShape& shape, uint32_t slice) noexcept;
  uint32_t best_end(uint32_t piece, bool last, uint32_t tail_bytes) const noexcept;

  FrameRules rules_;
  Layout layout_;
  uint64_t used_cost_ = 0;    // 2^16ths of a byte for each byte used of the open frame
  uint64_t window_cost_ = 0;  // and for each reference in the open window
  std::vector<Place> places_;
  std::vector<Step> steps_;
  std::array<Source, kPlainSlots + 1> sources_;  // of the piece that is being left: those without an open run
  uint32_t source_count_ = 0;
};

}  // namespace pfs
