#pragma once

#include <functional>

namespace pfs {

/// Runs `work` on EAL's interrupt thread, between its handlers and never during one, and returns when it is done. Runs
/// it here if that thread takes no alarms. Not from that thread itself.
void on_interrupt_thread(const std::function<void()>& work);

}  // namespace pfs
