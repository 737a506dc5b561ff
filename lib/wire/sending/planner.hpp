#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "wire/sending/extents_shape.hpp"
#include "wire/sending/plan.hpp"

namespace pfs {

/// Finds a small sequence of units for a list of pieces: a dynamic program over the pieces that follows the frames'
/// and windows' filling along with the bytes. At each piece the planner keeps a few ways to have come so far
/// (labels): those that no other beats in both the bytes sent and the room taken of the open frame. It looks at no more
/// than 256 EXTENTS for a piece and a way of cutting, and takes its memory once, for `kPieces` pieces.
class SmallestPlanner {
 public:
  static constexpr uint32_t kPieces = 4096;  ///< in one plan() call
  static constexpr uint32_t kLookAhead =
      512;  ///< pieces at the end of a list with more to come that are left unplanned

  SmallestPlanner(const FrameRules& rules, const Layout& layout);

  /// Steps for `pieces` (at most kPieces, each as for next_step), where `fill` says how full the frame and the window
  /// are. After the `last` pieces, `tail_bytes` end the gram; otherwise more pieces will come, and the last kLookAhead
  /// are left for the next call. The answer is empty if the pieces do not fit into frames so small.
  std::span<const Step> plan(std::span<const Descriptor> pieces, const FrameFill& fill, bool last,
                             uint32_t tail_bytes) noexcept;

 private:
  /// One way to have come to a piece.
  struct Label {
    uint64_t bytes = 0;  // sent so far
    uint64_t cost = 0;   // in 2^16ths of a byte: the bytes sent, and the open window's share of its mark
    uint64_t rank = 0;   // the cost, and the open frame's share of the next header; the lowest ranks stay
    FrameFill fill;
    uint32_t from = 0;  // the label before it
    Step step;          // the step from that label to this one
  };
  // A piece has labels for each tier whose run is open, for no open run, and for the place right behind a frame header.
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
  uint64_t used_cost_ = 0;    // in 2^16ths of a byte, for each byte used of the open frame
  uint64_t window_cost_ = 0;  // the same for each reference in the open window
  std::vector<Place> places_;
  std::vector<Step> steps_;
  std::array<Source, kPlainSlots + 1> sources_;  // labels without an open run, of the piece that is being left
  uint32_t source_count_ = 0;
};

}  // namespace pfs
