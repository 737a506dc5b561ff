#pragma once

#include <atomic>
#include <bitset>
#include <cstdint>
#include <vector>

#include "base/counter.hpp"
#include "config/pipeline.hpp"
#include "stages/output.hpp"
#include "stages/run_control.hpp"
#include "stages/stage.hpp"

namespace pfs {

constexpr size_t kStagesMax = 256;  // of a pipeline
/// A set of stages, by their places in the graph's order.
using StageSet = std::bitset<kStagesMax>;

/// A stage on its lcore: the rings it is fed by and the stages that must finish before it can.
struct StageSlot {
  Stage* stage = nullptr;
  bool receives = false;     ///< its frames come from a device
  StageSet reach;            ///< the stage itself and those that it calls, over any number of plain edges
  std::vector<Edge*> rings;  ///< incoming edges that are rings
  std::vector<const StageSlot*> producers;
  std::atomic<bool> finished{false};
};

/// The loop of one lcore: polls its stages in turn until all of them have finished.
/// The end travels with the data: a stage finishes when nothing more can reach it and it holds nothing.
class Worker final : public Relief {
 public:
  Worker(unsigned lcore, const RuntimeConfig& runtime, RunControl& control)
      : lcore_(lcore), runtime_(runtime), control_(control) {}

  /// In the graph's order: producers before consumers.
  void add(StageSlot& slot) { slots_.push_back(&slot); }
  void run() noexcept;
  [[nodiscard]] bool relieve(size_t place) noexcept override;

  [[nodiscard]] unsigned lcore() const noexcept { return lcore_; }
  CycleMeter meter;
  Counter busy_cycles;
  Counter idle_cycles;

 private:
  /// `now`: TSC, when the turn begins and then when it ended.
  uint32_t turn(uint64_t& now) noexcept;
  /// What waits in the stage's rings, then its poll; items moved.
  uint32_t serve(StageSlot& slot, uint64_t& now) noexcept;
  [[nodiscard]] bool can_finish(const StageSlot& slot) const noexcept;
  bool finish_some(uint64_t now) noexcept;
  void rest(uint32_t idle_turns) const noexcept;

  unsigned lcore_;
  RuntimeConfig runtime_;
  RunControl& control_;
  std::vector<StageSlot*> slots_;
  const StageSlot* current_ = nullptr;  // whose poll, rings or drain this lcore is in
  StageSet waiting_;                    // stages that wait, and all that may be in the middle of a call to one of them
  uint32_t idle_reliefs_ = 0;           // in a row
};

}  // namespace pfs
