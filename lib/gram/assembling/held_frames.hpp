#pragma once

#include <cstdint>
#include <vector>

#include "gram/assembling/assembler.hpp"

namespace pfs {

/// Frames that came before their turn, of all streams together. Their number is bounded by the capacity, since each
/// keeps an mbuf from its port; a stream is known by its place. Takes memory once.
class HeldFrames {
 public:
  explicit HeldFrames(uint32_t capacity);

  [[nodiscard]] uint32_t count() const noexcept { return count_; }
  [[nodiscard]] bool full() const noexcept { return free_ == kNone; }

  struct Entry {
    ReceivedFrame frame;
    uint64_t arrived = 0;  ///< ticks
    uint32_t stream = 0;   ///< place
    uint32_t seq = 0;
    uint32_t next = 0;  ///< in its bucket, or of the free ones
  };

  /// Null if that frame is not held.
  [[nodiscard]] const Entry* find(uint32_t stream, uint32_t seq) const noexcept;
  /// Only if not full and not held already.
  void put(uint32_t stream, uint32_t seq, const ReceivedFrame& frame, uint64_t now) noexcept;
  /// The frame, no longer held; false if it was not.
  bool take(uint32_t stream, uint32_t seq, ReceivedFrame& frame) noexcept;

 private:
  static constexpr uint32_t kNone = 0xFFFFFFFF;

  /// The frames of one stream fall into buckets one behind the other, so that they never meet each other there while
  /// fewer are held than there are buckets.
  [[nodiscard]] uint32_t bucket(uint32_t stream, uint32_t seq) const noexcept {
    return (seq + stream * 0x9E3779B1u) & mask_;
  }

  std::vector<Entry> entries_;
  std::vector<uint32_t> heads_;  // by bucket: its first entry
  uint32_t mask_;
  uint32_t free_ = kNone;
  uint32_t count_ = 0;
};

}  // namespace pfs
