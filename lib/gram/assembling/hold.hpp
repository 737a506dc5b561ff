#pragma once

#include <cstdint>
#include <span>

#include "gram/assembling/assembler.hpp"

namespace pfs {

/// A frame that came before its turn.
struct HeldFrame {
  ReceivedFrame frame;
  uint64_t arrived = 0;  ///< ticks
  uint32_t seq = 0;
  bool used = false;
};

/// The frames of one stream that are up to `size` ahead of the next expected one, each at its sequence number's place.
/// The caller sees to the bound; the memory is his.
class HoldRing {
 public:
  /// `slots`: a power of two.
  void bind(std::span<HeldFrame> slots) noexcept { slots_ = slots; }

  [[nodiscard]] uint32_t size() const noexcept { return static_cast<uint32_t>(slots_.size()); }
  [[nodiscard]] uint32_t count() const noexcept { return count_; }
  [[nodiscard]] bool more_than_half_full() const noexcept { return count_ > size() / 2; }

  /// False if a frame of that number is held already.
  bool put(uint32_t seq, const ReceivedFrame& frame, uint64_t now) noexcept {
    HeldFrame& slot = at(seq);
    if (slot.used) return false;
    slot = {.frame = frame, .arrived = now, .seq = seq, .used = true};
    ++count_;
    return true;
  }

  /// The held frame of that number, no longer held; false if there is none.
  bool take(uint32_t seq, ReceivedFrame& frame) noexcept {
    HeldFrame& slot = at(seq);
    if (!slot.used || slot.seq != seq) return false;
    frame = slot.frame;
    slot.used = false;
    --count_;
    return true;
  }

  /// The held frame nearest behind `next`. Only if count() > 0.
  [[nodiscard]] const HeldFrame& nearest(uint32_t next) const noexcept {
    // `next` itself is never held, so its place can only hold the frame a whole ring ahead: look there last.
    for (uint32_t seq = next + 1;; ++seq) {
      const HeldFrame& slot = slots_[seq & (size() - 1)];
      if (slot.used) return slot;
    }
  }

 private:
  HeldFrame& at(uint32_t seq) noexcept { return slots_[seq & (size() - 1)]; }

  std::span<HeldFrame> slots_;
  uint32_t count_ = 0;
};

}  // namespace pfs
