#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "gram/gram.hpp"
#include "wire/drop.hpp"
#include "wire/receiving/window.hpp"

namespace pfs {

struct Peer;

/// The open grams of one stream, oldest first. The memory is the caller's.
class OpenGrams {
 public:
  struct Slot {
    Gram* gram = nullptr;
    uint32_t number = 0;
  };

  OpenGrams() = default;
  explicit OpenGrams(std::span<Slot> slots) noexcept : slots_(slots) {}

  [[nodiscard]] bool full() const noexcept { return count_ == slots_.size(); }
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  [[nodiscard]] Gram& oldest() const noexcept { return *slots_[0].gram; }

  /// Null if no gram of that number is open. The gram found last is looked at first: frames come gram by gram.
  Gram* find(uint32_t number) noexcept {
    if (last_ < count_ && slots_[last_].number == number) [[likely]]
      return slots_[last_].gram;
    for (uint32_t i = 0; i < count_; ++i) {
      if (slots_[i].number == number) return slots_[last_ = i].gram;
    }
    return nullptr;
  }

  /// Only if not full.
  void add(Gram& gram) noexcept {
    last_ = count_++;
    slots_[last_] = {.gram = &gram, .number = gram.number};
  }

  /// Only a gram that is open here.
  void remove(const Gram& gram) noexcept {
    uint32_t at = 0;
    while (slots_[at].gram != &gram) ++at;
    for (--count_; at < count_; ++at) slots_[at] = slots_[at + 1];
  }

 private:
  std::span<Slot> slots_;
  uint32_t count_ = 0;
  uint32_t last_ = 0;
};

/// Which gram numbers a stream has used up. Numbers count up, so the highest that was ever opened says it: all
/// numbers up to that one are taken. Distances are judged modulo 2^32.
class GramNumbers {
 public:
  /// Why a gram of that number that is not open may not be opened; kNone if it may.
  [[nodiscard]] Drop refusal(uint32_t number) const noexcept {
    if (!any_ || static_cast<int32_t>(number - highest_) > 0) return Drop::kNone;
    if (highest_ - number > highest_ - first_) return Drop::kIncompleteGram;  // its first frame never came
    for (uint32_t i = 0; i < lost_count_; ++i) {
      if (lost_[i] == number) return Drop::kIncompleteGram;
    }
    return Drop::kDuplicate;
  }

  void opened(uint32_t number) noexcept {
    if (!any_) first_ = number;
    if (any_ && number != highest_ + 1) skipped(highest_ + 1, number);
    highest_ = number;
    any_ = true;
    stale_count_ = 0;
  }

  /// The gram will never be whole. Those of its frames that are still on their way are to count as incomplete, not as
  /// duplicates.
  void lost(uint32_t number) noexcept {
    lost_[lost_next_] = number;
    lost_next_ = (lost_next_ + 1) % lost_.size();
    if (lost_count_ < lost_.size()) ++lost_count_;
  }

  /// A gram was refused although its frame is new. One damaged number far ahead would make duplicates
  /// of all that follow; kResyncGrams in a row show that the sender really counts there. True: the gram may be opened
  /// now.
  bool resynchronises(uint32_t number) noexcept {
    stale_count_ = number == stale_next_ ? stale_count_ + 1 : 1;
    stale_next_ = number + 1;
    if (stale_count_ < kResyncGrams) return false;
    any_ = false;
    return true;
  }

 private:
  static constexpr uint32_t kResyncGrams = 8;  // as many as frames that resynchronise a stream

  /// The first frames of the grams [from, to) are missing. The last few of these numbers are remembered.
  void skipped(uint32_t from, uint32_t to) noexcept {
    const auto size = static_cast<uint32_t>(lost_.size());
    if (to - from > size) from = to - size;
    for (; from != to; ++from) lost(from);
  }

  std::array<uint32_t, 8> lost_{};
  uint32_t lost_count_ = 0;
  uint32_t lost_next_ = 0;
  uint32_t first_ = 0;  // that was ever opened
  uint32_t highest_ = 0;
  uint32_t stale_next_ = 0;
  uint32_t stale_count_ = 0;
  bool any_ = false;
};

/// What the assembler knows of one stream of a peer. What an in-sequence frame touches comes first.
struct StreamState {
  uint32_t next = 0;     ///< the next expected sequence number
  uint32_t key = 0;      ///< PRP
  uint32_t held = 0;     ///< frames held that came before their turn
  uint16_t id = 0;       ///< the stream's number
  bool started = false;  ///< `next` means something
  bool taken = false;    ///< a frame has been taken in turn since the stream or its session began
  Window window;
  OpenGrams grams;
  Peer* peer = nullptr;
  uint32_t place = 0;      ///< among all streams of all peers
  uint32_t admission = 0;  ///< how many streams have had this place
  uint32_t held_from = 0;  ///< no frame before this one is held; at most the nearest
  uint32_t waits_at = 0;   ///< place in the list of streams that hold frames, if it holds any
  uint32_t far_next = 0;   ///< behind the last frame that was too far ahead
  uint32_t far_count = 0;  ///< frames in a row that were too far ahead, each behind the one before
  uint64_t session = 0;    ///< the id of the last SESSION; 0: none has come
  GramNumbers numbers;
};

}  // namespace pfs
