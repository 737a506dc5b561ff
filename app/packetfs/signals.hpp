#pragma once

namespace pfs {

/// SIGINT and SIGTERM: the first is counted, the second ends the process at once with Exit::kSecondSignal.
void catch_signals();

/// Signals so far.
int signals_caught() noexcept;

}  // namespace pfs
