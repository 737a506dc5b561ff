#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "stages/completions.hpp"
#include "wire/drop.hpp"
#include "wire/unit.hpp"

namespace pfs {

/// The grams of one stream that ask for an op, and which of them have their RESULT. Grams are numbered in sequence, so
/// one bit a gram is enough: a RESULT counts once, and only for a gram that was sent. Of grams that lie kWindow grams
/// back nothing is known any more, and a RESULT for one of them comes too late. Also tells how long grams took from the
/// moment they were built to their RESULT, of the last kTimed grams.
class AwaitedResults {
 public:
  static constexpr uint32_t kWindow = 1U << 20;  // grams; 128 KiB, and 100 ms of the fastest sender

  static constexpr uint32_t kTimed = 1U << 16;  // grams; 512 KiB

  /// `op`: of all the grams; with op 0 no gram has a RESULT.
  explicit AwaitedResults(uint8_t op) : op_(op), had_(op == 0 ? 0 : kWindow / 64), built_(op == 0 ? 0 : kTimed) {}

  /// The stream begins anew: the next gram is number 0, and no RESULT is awaited.
  void restart() noexcept { next_ = known_ = 0; }

  /// The next gram of the stream is under way at the time `now`; the first one is number 0.
  void sent(uint64_t now) noexcept {
    if (op_ == 0) return;
    built_[next_ % kTimed] = now;
    had_[next_ % kWindow / 64] &= ~bit(next_);
    ++next_;
    known_ = std::min(known_ + 1, kWindow);
  }

  /// kNone for the first RESULT of a gram; kDuplicate for another one of the same gram; kUnasked for a RESULT of a gram
  /// or an op that was not sent.
  Drop match(const ResultUnit& result, uint64_t now) noexcept {
    const uint32_t back = next_ - result.gram;  // numbers wrap
    if (result.op != op_ || back == 0 || back > known_) return Drop::kUnasked;
    uint64_t& word = had_[result.gram % kWindow / 64];
    if ((word & bit(result.gram)) != 0) return Drop::kDuplicate;
    word |= bit(result.gram);
    if (back <= kTimed) completions_.add(now - built_[result.gram % kTimed]);
    return Drop::kNone;
  }

  [[nodiscard]] const Completions& completions() const noexcept { return completions_; }

 private:
  static constexpr uint64_t bit(uint32_t gram) noexcept { return uint64_t{1} << gram % 64; }

  uint8_t op_;
  std::vector<uint64_t> had_;    // a bit a gram, by its number modulo kWindow
  std::vector<uint64_t> built_;  // when a gram was built, by its number modulo kTimed
  Completions completions_;
  uint32_t next_ = 0;   // number of the gram that is sent next
  uint32_t known_ = 0;  // grams before it of which the bits tell
};

}  // namespace pfs
