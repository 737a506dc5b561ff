#pragma once

#include <rte_cycles.h>

#include "stages/output.hpp"

namespace pfs {

/// Runs `work` for a stage and books its calls, items and own cycles. `work` returns the items moved; 0 books nothing.
/// `counts`: the items are new to the stage; false where it only moves on what it was given before. `now`: TSC, goes
/// from the beginning to the end; a reading takes 20 cycles and more, so what comes next begins there.
template <class Work>
inline uint32_t booked(Stage& stage, CycleMeter& meter, bool counts, uint64_t& now, Work work) noexcept {
  const uint64_t outer = meter.nested;
  meter.nested = 0;
  const uint64_t start = now;
  const uint32_t items = work();
  now = rte_rdtsc();
  const uint64_t spent = now - start;
  if (items != 0) {
    if (counts) {
      stage.stats.calls.add(1);
      stage.stats.items.add(items);
    }
    stage.stats.cycles.add(spent - meter.nested);
  }
  meter.nested = outer + spent;
  return items;
}

}  // namespace pfs
