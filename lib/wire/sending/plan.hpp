#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/descriptor.hpp"
#include "blob/layout.hpp"
#include "wire/unit.hpp"

namespace pfs {

/// The bounds of a stream's frames.
struct FrameRules {
  uint32_t payload_bytes = 1500;         ///< longest payload in bytes, frame header included
  uint32_t window_references = 1 << 16;  ///< references a window
  uint32_t mark_bytes = 5;               ///< bytes of a SYNC_MARK
};

/// How far the open frame and the stream's open window are filled. The choice of units and their writing share this
/// object, so that a plan's sizes are the sizes that are written.
struct FrameFill {
  uint32_t used = 0;      ///< bytes, frame header included
  uint32_t window = 0;    ///< references in the open window
  uint32_t run = 0;       ///< references in the open run, 0 if there is none
  Tier tier = Tier::kL3;  ///< of the open run

  /// A frame has been opened: only its header is written.
  void new_frame() noexcept;
  [[nodiscard]] bool fresh() const noexcept;
  [[nodiscard]] uint32_t window_left(const FrameRules& rules) const noexcept {
    return rules.window_references - window;
  }
  /// How many references of `tier`, at most `wanted`, go into the open frame: into the open run if it is of that tier.
  /// There is then room for the mark behind a reference that completes the window.
  [[nodiscard]] uint32_t fitting(const FrameRules& rules, Tier tier, uint32_t wanted) const noexcept;
  /// Adds `count` references (no more than fitting() allowed), and the mark if they complete the window; the mark ends
  /// the run.
  void add_references(const FrameRules& rules, Tier tier, uint32_t count) noexcept;
  /// True if EXTENTS of `count` ranges in `bytes` go into the open frame and the open window.
  [[nodiscard]] bool extents_fit(const FrameRules& rules, uint32_t count, uint32_t bytes) const noexcept;
  void add_extents(const FrameRules& rules, uint32_t count, uint32_t bytes) noexcept;
};

/// Bytes of the heads of `count` references that are written as small as they can be: up to 126 references, two short
/// runs take a byte less than one long run.
constexpr uint32_t smallest_run_head_bytes(uint32_t count) noexcept {
  if (count <= kShortRunMax) return count == 0 ? 0 : 1;
  return count <= 2 * kShortRunMax ? 2 : 3;
}

/// Bytes of the open frame that a literal of `left` bytes may take now (less than `left`: the rest goes into the next
/// frames), or 0 where a new frame is better than a scrap.
uint32_t literal_share(const FrameRules& rules, const FrameFill& fill, uint64_t left) noexcept;

/// Consecutive references of one tier.
struct References {
  uint32_t first = 0;
  uint32_t count = 0;
};
/// The references that denote `range`, or nothing if it is not made of whole items of `tier`, or of more than `most`.
std::optional<References> as_references(const Layout& layout, const Descriptor& range, Tier tier,
                                        uint64_t most) noexcept;

/// One unit to write, or a frame to close. Pieces are numbered within the list that was planned.
struct Step {
  enum class Kind : uint8_t {
    kRun,      ///< `count` pieces from `first` as references of `tier`, going on with the open run if it has that tier
    kExtents,  ///< `count` pieces from `first` as one EXTENTS; if `slice` is not 0, each cut into ranges of that length
    kLiteral,  ///< piece `first`, a range of the slab
    kFrame,    ///< close the frame early, because the next piece is cheaper in a new frame
  };
  Kind kind = Kind::kFrame;
  Tier tier = Tier::kL3;
  uint32_t first = 0;
  uint32_t count = 0;
  uint32_t slice = 0;
};

/// The next step for the first of `pieces`. It is chosen for the data path: in one look ahead and without memory.
/// Pieces are not empty, do not touch (or lie in different spaces), and a piece of the blob is below 2^32 bytes.
Step next_step(const FrameRules& rules, const Layout& layout, const FrameFill& fill,
               std::span<const Descriptor> pieces) noexcept;

}  // namespace pfs
