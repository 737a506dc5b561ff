#pragma once

#include <cstdint>

#include "base/log.hpp"
#include "transport/ack.hpp"

namespace pfs {

/// Lines of the log about sessions, of which there are few a second: strangers decide how often there is something to
/// say. A line that is withheld is not even written, because writing costs more than the frame that caused it.
class Lines {
 public:
  static constexpr uint32_t kASecond = 5;

  /// `line` gives the text, and is called only where the line is said.
  template <typename Line>
  void say(transport::Time now, const Line& line) {
    if (now - since_ >= transport::kSecond) {
      since_ = now;
      said_ = 0;
    }
    if (said_ == kASecond) {
      ++withheld_;
      return;
    }
    ++said_;
    log_line(line());
  }

  [[nodiscard]] uint64_t withheld() const noexcept { return withheld_; }

 private:
  transport::Time since_ = 0;
  uint32_t said_ = 0;  // in the second that began then
  uint64_t withheld_ = 0;
};

}  // namespace pfs
