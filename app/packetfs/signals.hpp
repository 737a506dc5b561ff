#pragma once

namespace pfs {

/// Catches SIGINT, SIGTERM and SIGHUP. The first signal is counted; a second one, unless it is SIGHUP, ends the process
/// at once with Exit::kSecondSignal. A SIGHUP that is ignored already (by nohup) stays ignored.
void catch_signals();

/// Returns how many signals came so far.
int signals_caught() noexcept;

}  // namespace pfs
