#pragma once

#include <algorithm>
#include <cstdint>

#include "wire/unit.hpp"

namespace pfs {

/// Tells how many more frames of a stream may be sent before the receiver must speak (WIRE.md, ACK). Sequence numbers
/// start at 0 and wrap. Without an acknowledgement `limit` frames may be out; afterwards as many as the receiver
/// grants, but never more than `limit`.
class SendWindow {
 public:
  explicit SendWindow(uint32_t limit) noexcept : limit_(limit), credit_(limit) {}

  [[nodiscard]] uint32_t room() const noexcept { return unacknowledged() < credit_ ? credit_ - unacknowledged() : 0; }
  [[nodiscard]] uint32_t unacknowledged() const noexcept { return sent_ - next_; }
  [[nodiscard]] uint32_t next() const noexcept { return next_; }

  void sent(uint32_t frames) noexcept { sent_ += frames; }

  /// Returns true if the ACK tells of frames that arrived since the ACK before. An ACK from the past, or one of frames
  /// that were never sent, changes nothing, because anybody may write it.
  bool acknowledge(const AckUnit& ack) noexcept {
    const uint32_t arrived = ack.next - next_;
    if (arrived > unacknowledged()) return false;
    next_ = ack.next;
    credit_ = std::min(ack.credit, limit_);
    return arrived != 0;
  }

 private:
  uint32_t limit_;
  uint32_t credit_;
  uint32_t sent_ = 0;  ///< sequence number of the next frame to be sent
  uint32_t next_ = 0;  ///< every frame before this one has arrived
};

}  // namespace pfs
