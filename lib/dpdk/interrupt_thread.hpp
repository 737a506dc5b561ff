#pragma once

#include <functional>

namespace pfs {

/// Runs `work` on EAL's interrupt thread, where no handler runs at the same time, and returns when `work` is done. If
/// the interrupt thread takes no alarms, the calling thread runs `work`. The interrupt thread itself must not call
/// this.
void on_interrupt_thread(const std::function<void()>& work);

/// Stops EAL's interrupt thread between two handlers, for good. rte_eal_cleanup needs this before it: DPDK 22.11 gives
/// back the memory of interrupt handles while the thread still reads the handles (memif keeps its listener registered).
void park_interrupt_thread();

}  // namespace pfs
