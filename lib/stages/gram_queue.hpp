#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/counter.hpp"
#include "gram/verifier.hpp"
#include "stages/stage.hpp"

namespace pfs {

/// What a stage does with a gram when the gram has been verified.
class GramWork {
 public:
  enum class Step : uint8_t {
    kDone,  ///< the gram has been dealt with and counted; the queue releases it
    kMore   ///< some of it has been; the next call goes on
  };

  /// Works on `gram`, whose digest and counts are `good` or not, over about `bytes` bytes, of which a range counts
  /// kRangeCost more than it has. UINT64_MAX bytes are all of them.
  virtual Step work(Gram& gram, bool good, uint64_t bytes) noexcept = 0;

  /// Whether that would change the blob. Such a gram runs alone: from its verification to its end no other gram of the
  /// queue is verified or worked on.
  [[nodiscard]] virtual bool writes(const Gram& /*gram*/) const noexcept { return false; }

  /// The run is over, and the gram is to be given up: the queue then counts and releases it. False where the gram has
  /// begun to change the blob and has to be brought to its end.
  virtual bool give_up(Gram& /*gram*/) noexcept { return true; }

 protected:
  ~GramWork() = default;
};

/// Bytes that a gram's verification or execution counts for: what it denotes, and kRangeCost for each of its ranges.
inline uint64_t cost_of(const Gram& gram) noexcept { return gram.bytes + gram.table.count * kRangeCost; }

/// The grams that a stage was given: verifies them and has them worked on, small ones at once, large ones a slice at a
/// time, so that the stage's lcore also serves everything else and a large gram holds no other line up for longer than
/// its slices.
///
/// submit() takes grams over; GramWork is where they are completed. What cannot be done at once waits in a line with
/// the other grams of its peer, in their order. The lines get slices in turn. A gram keeps its place in its line in
/// itself, so the queue holds whatever is submitted, and its bound is the pool that the grams come from.
///
/// When the run ends, what waits has kGrace to be done. Then the rest is given up and counted `stopped`; only a gram
/// that has begun to write is brought to its end, which max_gram_bytes bounds.
/// One thread's. Takes memory only when constructed.
class GramQueue {
 public:
  /// `verify`: false takes every gram for good. `stats` and `work` are the stage's and outlive the queue.
  GramQueue(const StageEnv& env, StageStats& stats, GramWork& work, bool verify);

  void submit(std::span<Gram* const> grams) noexcept;

  /// One slice, of about kSlice. Returns 1 where there was something to do, else 0. `now`: TSC.
  uint32_t poll(uint64_t now) noexcept;

  [[nodiscard]] bool empty() const noexcept { return waiting_ == 0; }
  /// Frames of the grams that wait. Any thread may ask.
  [[nodiscard]] uint64_t frames() const noexcept { return frames_.get(); }

  static constexpr size_t kLines =
      64;  ///< a bit each in a u64; peers beyond, and those of several assemblers, share lines
  /// The line in which the gram waits. One gram of a line at most is under way.
  static size_t line_of(const Gram& gram) noexcept { return gram.peer % kLines; }

  static constexpr uint64_t kAtOnce = 64 << 10;  ///< bytes of cost; FNV-1a, the slowest work, takes 90 us for them
  static constexpr uint64_t kSlicesPerSecond = 20000;  ///< a slice takes 50 us, and up to as long again
  static constexpr uint64_t kGraceMs = 250;  ///< leaves a drain that has to be over in a second time for the rest

 private:
  static constexpr size_t kNone = kLines;

  struct Line {
    Gram* head = nullptr;
    Gram* tail = nullptr;
  };
  enum class Turn : uint8_t { kSame, kOther };

  void at_once(std::span<Gram* const> grams) noexcept;
  void push(Gram& gram) noexcept;
  void pop(size_t line) noexcept;
  void slice() noexcept;
  [[nodiscard]] size_t choose() noexcept;
  void take_turn(size_t line) noexcept;
  Turn step(size_t line, uint64_t bytes) noexcept;
  void verify(size_t line, uint64_t bytes) noexcept;
  [[nodiscard]] bool over(uint64_t now) noexcept;
  void give_up_rest() noexcept;

  Verifier verifier_;
  StageStats& stats_;
  GramWork& work_;
  RunControl& control_;
  bool verify_;
  bool may_write_;  // some stream has a grant
  uint64_t slice_ticks_;
  uint64_t grace_ticks_;
  uint64_t ending_since_ = 0;  // TSC; 0: the run is not ending
  std::array<Line, kLines> lines_;
  uint64_t waiting_ = 0;   // lines that hold grams, a bit each
  uint64_t begun_ = 0;     // lines whose head has been begun
  size_t last_ = 0;        // the line that had its turn last
  size_t writer_ = kNone;  // the line whose head writes, and runs alone
  bool sliced_ = false;    // submit() had its slice since the last poll()
  Counter frames_;
};

}  // namespace pfs
