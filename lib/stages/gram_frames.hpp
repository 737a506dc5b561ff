#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "gram/building/builder.hpp"
#include "stages/stage.hpp"
#include "wire/ethernet.hpp"

struct rte_mbuf;

namespace pfs {

/// Builds a gram's frames in mbufs of a port's pool and keeps them until they are sent. A gram is begun only when all
/// the mbufs it can need are in hand, so none is left half built.
class GramFrames final : public FrameSink {
 public:
  /// For the stage's port. `frames_max`: the most frames a gram can take.
  GramFrames(const StageEnv& env, uint32_t frames_max);
  ~GramFrames() override;

  /// Frames that are built from now on belong to this epoch of what is behind (Stage::epoch).
  void set_epoch(uint32_t epoch) noexcept { epoch_ = epoch; }
  void address(const MacAddress& to) noexcept { headers_ = ethernet_encapsulation(to, port_.mac); }

  /// True when a gram can be built: what was built before is gone, and the pool gave what may be needed. A pool that
  /// gives nothing for ten seconds is too small for its port, and the run ends. `now`: TSC.
  bool prepare(uint64_t now) noexcept;
  std::span<uint8_t> open() noexcept override;
  void close(uint32_t bytes, uint64_t denoted) noexcept override;

  /// Frames built and not taken yet, in order. take(n) gives the first n away.
  [[nodiscard]] std::span<rte_mbuf*> waiting() noexcept { return {built_.data() + taken_, built_.size() - taken_}; }
  void take(uint32_t count) noexcept { taken_ += count; }

  /// Frees everything; returns how many built frames went.
  uint32_t clear() noexcept;

  [[nodiscard]] uint64_t wire_bytes() const noexcept { return wire_bytes_; }  ///< of all frames built; without FCS
  [[nodiscard]] uint64_t frames() const noexcept { return frames_; }          ///< built

 private:
  bool wait_for_pool(uint64_t now) noexcept;

  const Port& port_;
  RunControl& control_;
  uint64_t patience_;  // ticks
  uint32_t frames_max_;
  uint64_t dry_since_ = 0;  // TSC; 0 while the pool gives mbufs
  EncapsulationBuffer headers_;
  std::vector<rte_mbuf*> spare_;
  std::vector<rte_mbuf*> built_;
  size_t taken_ = 0;
  uint32_t epoch_ = 0;
  uint64_t wire_bytes_ = 0;
  uint64_t frames_ = 0;
};

}  // namespace pfs
