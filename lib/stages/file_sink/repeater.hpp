#pragma once

#include <cstdint>

namespace pfs {

/// Tells when a message that may get lost is sent again: at equal intervals, for a bounded time. All times are ticks of
/// one clock.
class Repeater {
 public:
  Repeater(uint64_t every, uint64_t linger) noexcept : every_(every), linger_(linger) {}

  /// The message is sent now for the first time.
  void start(uint64_t now) noexcept {
    running_ = true;
    first_ = last_ = now;
  }
  void stop() noexcept { running_ = false; }

  /// Returns true when the message is to be sent again, once for each time.
  bool due(uint64_t now) noexcept {
    if (!running_ || now - last_ < every_ || over(now)) return false;
    last_ = now;
    return true;
  }

  /// Returns true when the message need not be sent any more.
  [[nodiscard]] bool over(uint64_t now) const noexcept { return !running_ || now - first_ >= linger_; }

 private:
  uint64_t every_;
  uint64_t linger_;
  bool running_ = false;
  uint64_t first_ = 0;
  uint64_t last_ = 0;
};

}  // namespace pfs
