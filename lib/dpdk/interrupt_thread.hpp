#pragma once

#include <functional>

namespace pfs {

/// Runs `work` on EAL's interrupt thread, between its handlers and never during one, and returns when it is done. Runs
/// it here if that thread takes no alarms. Not from that thread itself.
void on_interrupt_thread(const std::function<void()>& work);

/// Stops that thread between two handlers, for good. For before rte_eal_cleanup, which gives back the memory that the
/// handles of interrupts stand in and leaves the thread to read them (DPDK 22.11; memif keeps its listener registered).
void park_interrupt_thread();

}  // namespace pfs
