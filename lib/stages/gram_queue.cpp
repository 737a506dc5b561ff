#include "stages/gram_queue.hpp"

#include <rte_cycles.h>

#include <algorithm>
#include <bit>

namespace pfs {
namespace {

constexpr uint64_t kFirstStep = 32 << 10;  // bytes: 45 us of FNV-1a. Steps double while there is time: fast work does

constexpr uint64_t bit(size_t line) noexcept { return uint64_t{1} << line; }

}  // namespace

GramQueue::GramQueue(const StageEnv& env, StageStats& stats, GramWork& work, bool verify)
    : verifier_(env.blob),
      stats_(stats),
      work_(work),
      control_(*env.control),
      verify_(verify),
      may_write_(!env.grants.empty()),
      slice_ticks_(env.ticks_per_second / kSlicesPerSecond),
      grace_ticks_(env.ticks_per_second / 1000 * kGraceMs) {}

void GramQueue::submit(std::span<Gram* const> grams) noexcept {
  if (waiting_ == 0) {
    uint64_t cost = 0;
    for (const Gram* gram : grams) cost += cost_of(*gram);
    if (cost <= kAtOnce) return at_once(grams);
  }
  for (Gram* gram : grams) push(*gram);
  // Once between two polls: whoever submits again and again has other work as well.
  if (!sliced_) slice();
  sliced_ = true;
}

void GramQueue::at_once(std::span<Gram* const> grams) noexcept {
  // One gram's kernel may write what the next one denotes: then each is judged when its turn comes.
  const size_t together = may_write_ ? 1 : Verifier::kGramsMax;
  for (; !grams.empty(); grams = grams.subspan(std::min(together, grams.size()))) {
    const auto some = grams.first(std::min(together, grams.size()));
    std::array<bool, Verifier::kGramsMax> good;
    if (verify_)
      verifier_.judge(some, good);
    else
      good.fill(true);
    for (size_t i = 0; i < some.size(); ++i) {
      work_.work(*some[i], good[i], UINT64_MAX);
      some[i]->release();
    }
  }
}

uint32_t GramQueue::poll(uint64_t now) noexcept {
  sliced_ = false;
  if (waiting_ == 0) return 0;
  if (over(now)) give_up_rest();
  if (waiting_ != 0) slice();
  return 1;
}

void GramQueue::push(Gram& gram) noexcept {
  if (verify_)
    Verifier::begin(gram);
  else
    gram.verification.verdict = Verification::Verdict::kHolds;
  gram.next = nullptr;
  const size_t at = line_of(gram);
  Line& line = lines_[at];
  (line.head == nullptr ? line.head : line.tail->next) = &gram;
  line.tail = &gram;
  waiting_ |= bit(at);
  frames_.add(gram.frames);
}

/// The head of the line has been dealt with.
void GramQueue::pop(size_t at) noexcept {
  Line& line = lines_[at];
  Gram& gram = *line.head;
  line.head = gram.next;
  begun_ &= ~bit(at);
  if (writer_ == at) writer_ = kNone;
  if (line.head == nullptr) waiting_ &= ~bit(at);
  frames_.add(0 - uint64_t{gram.frames});
  gram.release();
}

/// The next line gets its turn. Only if any waits.
void GramQueue::slice() noexcept {
  last_ = choose();
  take_turn(last_);
}

/// The first line after the last one that may have a turn now.
size_t GramQueue::choose() noexcept {
  const auto after_last = [this](uint64_t lines) {
    const int turned = static_cast<int>(last_ + 1) % 64;
    return static_cast<size_t>(std::countr_zero(std::rotr(lines, turned)) + turned) % 64;
  };
  if (writer_ == kNone) {
    const size_t next = after_last(waiting_);
    if (!may_write_ || (begun_ & bit(next)) != 0 || !work_.writes(*lines_[next].head)) return next;
    writer_ = next;
  }
  // The writer begins when whatever was begun before has ended, and nothing begins before the writer has ended.
  const uint64_t others = begun_ & ~bit(writer_);
  return others != 0 ? after_last(others) : writer_;
}

/// Steps for as long as a slice takes.
void GramQueue::take_turn(size_t line) noexcept {
  const uint64_t end = rte_rdtsc() + slice_ticks_;
  uint64_t before = end - slice_ticks_;
  for (uint64_t bytes = kFirstStep;;) {
    const Turn turn = step(line, bytes);
    const uint64_t now = rte_rdtsc();
    const uint64_t took = now - before;
    before = now;
    if (lines_[line].head == nullptr || now >= end) return;
    if (turn == Turn::kSame) {
      if (now + took > end) return;
      if (now + 2 * took <= end) bytes *= 2;
    } else {
      // The next work may be ten times slower; and where a gram may write, the next head has to be chosen.
      if (may_write_) return;
      bytes = kFirstStep;
    }
  }
}

GramQueue::Turn GramQueue::step(size_t at, uint64_t bytes) noexcept {
  Gram& gram = *lines_[at].head;
  begun_ |= bit(at);
  if (gram.verification.verdict == Verification::Verdict::kOpen) {
    verify(at, bytes);
    return gram.verification.verdict == Verification::Verdict::kOpen ? Turn::kSame : Turn::kOther;
  }
  const bool good = gram.verification.verdict == Verification::Verdict::kHolds;
  if (work_.work(gram, good, bytes) == GramWork::Step::kMore) return Turn::kSame;
  pop(at);
  return Turn::kOther;
}

/// The head of the line, and where that is faster the grams behind it along with it.
void GramQueue::verify(size_t at, uint64_t bytes) noexcept {
  std::array<Gram*, Verifier::kGramsMax> grams;
  size_t count = 0;
  const bool several = Verifier::side_by_side(*lines_[at].head) && !may_write_;
  for (Gram* gram = lines_[at].head; gram != nullptr && count < grams.size(); gram = gram->next) {
    const bool open = gram->verification.verdict == Verification::Verdict::kOpen;
    if (open && (count == 0 || Verifier::side_by_side(*gram))) grams[count++] = gram;
    if (!several) break;
  }
  verifier_.advance({grams.data(), count}, bytes);
}

/// Whether the run has been ending for longer than what waits may still take.
bool GramQueue::over(uint64_t now) noexcept {
  if (!control_.ending()) return false;
  if (ending_since_ == 0) ending_since_ = now;
  return now - ending_since_ > grace_ticks_;
}

void GramQueue::give_up_rest() noexcept {
  for (size_t at = 0; at < kLines; ++at) {
    // Behind a gram that is brought to its end, the others are given up at a later poll.
    while (lines_[at].head != nullptr && work_.give_up(*lines_[at].head)) {
      stats_.drop(Drop::kStopped, lines_[at].head->frames);
      pop(at);
    }
  }
}

}  // namespace pfs
