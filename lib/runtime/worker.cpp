#include "runtime/worker.hpp"

#include <rte_cycles.h>
#include <rte_pause.h>
#include <sched.h>
#include <sys/prctl.h>
#include <ctime>

#include <algorithm>

#include "stages/booked.hpp"

namespace pfs {
namespace {

constexpr uint32_t kIdleTurns = 64;            // empty turns before an lcore rests
constexpr long kRestNs = 20000;                // a rest under `idle: pause`; the price is this much latency
constexpr unsigned long kTimerSlackNs = 1000;  // the default of 50 us would more than double a rest
constexpr uint32_t kFinishLook = 256;          // turns between looks for the end while busy
constexpr uint32_t kIdleReliefs = 64;          // a wait in which nothing moves so often gives the CPU away

}  // namespace

void Worker::run() noexcept {
  prctl(PR_SET_TIMERSLACK, kTimerSlackNs);
  uint32_t idle_turns = 0;
  uint64_t last = rte_rdtsc();
  for (uint32_t turns = 0;; ++turns) {
    uint64_t now = last;
    const uint32_t moved = turn(now);
    if (moved == 0 || turns % kFinishLook == 0) {
      if (finish_some(last)) break;
      now = rte_rdtsc();  // or looking for the end would be the next stage's work
    }
    (moved != 0 ? busy_cycles : idle_cycles).add(now - last);
    last = now;
    idle_turns = moved != 0 ? 0 : idle_turns + 1;
    if (moved != 0) continue;
    if (idle_turns >= kIdleTurns) rest(idle_turns);
    last = rte_rdtsc();  // a rest is nobody's work
    idle_cycles.add(last - now);
  }
}

/// A stage can be served while another one waits, unless it is in the middle of a call itself, or could call a stage
/// that is. That leaves the stages behind the waiting one, and every rx stage of another chain: a device that hands
/// back what it is sent takes nothing more until its frames are received. A stage that is served may have to wait as
/// well; it then serves those that are left.
bool Worker::relieve(size_t place) noexcept {
  const StageSet before = waiting_;
  const StageSlot* const waiter = current_;
  constexpr size_t kLast = kStagesMax - 1;
  waiting_ |= waiter->reach << (kLast - place) >> (kLast - place);  // those up to `place`
  uint64_t now = rte_rdtsc();
  uint32_t moved = 0;
  for (StageSlot* slot : slots_) {
    const bool fed = slot->receives || !slot->producers.empty();
    if (!fed || slot->finished.load(std::memory_order_relaxed) || (slot->reach & waiting_).any()) continue;
    moved += serve(*slot, now);
  }
  waiting_ = before;
  current_ = waiter;
  idle_reliefs_ = moved != 0 ? 0 : idle_reliefs_ + 1;
  if (idle_reliefs_ % kIdleReliefs == kIdleReliefs - 1)
    sched_yield();
  else if (moved == 0)
    rte_pause();
  return !control_.abandoned();
}

uint32_t Worker::serve(StageSlot& slot, uint64_t& now) noexcept {
  current_ = &slot;
  uint32_t moved = 0;
  for (Edge* ring : slot.rings) moved += ring->receive(meter, now);
  return moved +
         booked(*slot.stage, meter, slot.stage->polls_new_items, now, [&]() noexcept { return slot.stage->poll(now); });
}

uint32_t Worker::turn(uint64_t& now) noexcept {
  uint32_t moved = 0;
  for (StageSlot* slot : slots_) {
    if (!slot->finished.load(std::memory_order_relaxed)) moved += serve(*slot, now);
  }
  return moved;
}

bool Worker::can_finish(const StageSlot& slot) const noexcept {
  if (slot.finished.load(std::memory_order_relaxed)) return false;
  if (slot.producers.empty()) return slot.stage->exhausted() || control_.ending();
  return std::all_of(slot.producers.begin(), slot.producers.end(),
                     [](const StageSlot* p) { return p->finished.load(std::memory_order_acquire); }) &&
         std::all_of(slot.rings.begin(), slot.rings.end(), [](const Edge* ring) { return ring->empty(); });
}

/// True when every stage here has finished. Producers stand before consumers, so one pass takes a whole chain down.
bool Worker::finish_some(uint64_t now) noexcept {
  bool all = true;
  for (StageSlot* slot : slots_) {
    if (control_.abandoned()) {
      slot->finished.store(true, std::memory_order_release);
      continue;
    }
    current_ = slot;
    if (can_finish(*slot) && slot->stage->drain(now)) slot->finished.store(true, std::memory_order_release);
    all &= slot->finished.load(std::memory_order_relaxed);
  }
  return all;
}

void Worker::rest(uint32_t idle_turns) const noexcept {
  if (runtime_.idle == RuntimeConfig::Idle::kPause) {
    const timespec rest = {.tv_sec = 0, .tv_nsec = kRestNs};
    nanosleep(&rest, nullptr);
  } else if (runtime_.share_cpu && idle_turns % kIdleTurns == 0) {
    sched_yield();
  } else {
    rte_pause();
  }
}

}  // namespace pfs
