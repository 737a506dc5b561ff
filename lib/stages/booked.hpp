#pragma once

#include <rte_cycles.h>

#include "stages/output.hpp"

namespace pfs {

/// Runs `work` for a stage and books its calls, items and own cycles. `work` returns the items moved; 0 books nothing.
/// `counts`: the items are new to the stage; false where it only moves on what it was given before.
template <class Work>
inline uint32_t booked(Stage& stage, CycleMeter& meter, bool counts, Work work) noexcept {
  const uint64_t outer = meter.nested;
  meter.nested = 0;
  const uint64_t start = rte_rdtsc();
  const uint32_t items = work();
  const uint64_t spent = rte_rdtsc() - start;
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
