#pragma once

#include <cstdint>

namespace pfs {

/// When something that may get lost is said again: every so often, for so long. Times in ticks of one clock.
class Repeater {
 public:
  Repeater(uint64_t every, uint64_t linger) noexcept : every_(every), linger_(linger) {}

  /// It is said now for the first time.
  void start(uint64_t now) noexcept {
    running_ = true;
    first_ = last_ = now;
  }
  void stop() noexcept { running_ = false; }

  /// True when it is to be said again, once each time it is.
  bool due(uint64_t now) noexcept {
    if (!running_ || now - last_ < every_ || over(now)) return false;
    last_ = now;
    return true;
  }

  /// True when it need not be said any more.
  [[nodiscard]] bool over(uint64_t now) const noexcept { return !running_ || now - first_ >= linger_; }

 private:
  uint64_t every_;
  uint64_t linger_;
  bool running_ = false;
  uint64_t first_ = 0;
  uint64_t last_ = 0;
};

}  // namespace pfs
