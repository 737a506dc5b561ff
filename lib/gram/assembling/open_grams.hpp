#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "gram/gram.hpp"
#include "wire/drop.hpp"

namespace pfs {

struct OpenGram {
  Gram* gram = nullptr;
  uint32_t number = 0;
  uint64_t touched = 0;  ///< ticks, when its last frame came
  uint64_t order = 0;    ///< of opening, over all streams
};

/// The open grams of one stream, oldest first. The memory is the caller's.
class OpenGrams {
 public:
  void bind(std::span<OpenGram> slots) noexcept { slots_ = slots; }

  [[nodiscard]] bool full() const noexcept { return count_ == slots_.size(); }
  [[nodiscard]] std::span<OpenGram> all() noexcept { return slots_.first(count_); }
  [[nodiscard]] std::span<const OpenGram> all() const noexcept { return slots_.first(count_); }

  /// Null if no gram of that number is open. The one found last is looked at first: frames come gram by gram.
  OpenGram* find(uint32_t number) noexcept {
    if (last_ < count_ && slots_[last_].number == number) [[likely]]
      return &slots_[last_];
    for (uint32_t i = 0; i < count_; ++i) {
      if (slots_[i].number == number) return &slots_[last_ = i];
    }
    return nullptr;
  }

  OpenGram* add(const OpenGram& open) noexcept {
    last_ = count_++;
    slots_[last_] = open;
    return &slots_[last_];
  }

  void remove(OpenGram* open) noexcept {
    OpenGram* end = &slots_[count_ - 1];
    for (; open < end; ++open) open[0] = open[1];
    --count_;
  }

 private:
  std::span<OpenGram> slots_;
  uint32_t count_ = 0;
  uint32_t last_ = 0;
};

/// Which gram numbers a stream has used up. They count up, so one number says it: all up to the highest that was ever
/// opened are taken. Distances are judged modulo 2^32.
class GramNumbers {
 public:
  /// Why a gram of that number that is not open may not be opened; kNone if it may.
  [[nodiscard]] Drop refusal(uint32_t number) const noexcept {
    if (!any_ || static_cast<int32_t>(number - highest_) > 0) return Drop::kNone;
    for (uint32_t i = 0; i < lost_count_; ++i) {
      if (lost_[i] == number) return Drop::kIncompleteGram;
    }
    return Drop::kDuplicate;
  }

  void opened(uint32_t number) noexcept {
    if (any_ && number != highest_ + 1) skipped(highest_ + 1, number);
    highest_ = number;
    any_ = true;
    stale_count_ = 0;
  }

  /// The gram will never be whole. Frames of it that are still on their way are to count as incomplete, not as
  /// duplicates.
  void lost(uint32_t number) noexcept {
    lost_[lost_next_] = number;
    lost_next_ = (lost_next_ + 1) % lost_.size();
    if (lost_count_ < lost_.size()) ++lost_count_;
  }

  /// A gram was refused as a duplicate although its frame is new. One damaged number far ahead would make all that
  /// follow duplicates; as many in a row as below show that the sender really counts there. True: it may be opened now.
  bool resynchronises(uint32_t number) noexcept {
    stale_count_ = number == stale_next_ ? stale_count_ + 1 : 1;
    stale_next_ = number + 1;
    if (stale_count_ < kResyncGrams) return false;
    any_ = false;
    return true;
  }

 private:
  static constexpr uint32_t kResyncGrams = 8;  // as many as frames that resynchronise a stream

  /// The first frames of the grams [from, to) are missing; of those the last few are remembered.
  void skipped(uint32_t from, uint32_t to) noexcept {
    const auto size = static_cast<uint32_t>(lost_.size());
    if (to - from > size) from = to - size;
    for (; from != to; ++from) lost(from);
  }

  std::array<uint32_t, 8> lost_{};
  uint32_t lost_count_ = 0;
  uint32_t lost_next_ = 0;
  uint32_t highest_ = 0;
  uint32_t stale_next_ = 0;
  uint32_t stale_count_ = 0;
  bool any_ = false;
};

}  // namespace pfs
