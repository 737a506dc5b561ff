#include "signals.hpp"

#include <unistd.h>
#include <csignal>

#include "base/result.hpp"

namespace pfs {
namespace {

volatile std::sig_atomic_t caught = 0;

extern "C" void on_signal(int number) {
  // A terminal that closes may send SIGHUP twice, by the kernel and by the shell: the repetition is no impatience.
  if (number == SIGHUP && caught > 0) return;
  caught = caught + 1;
  if (caught > 1) _exit(static_cast<int>(Exit::kSecondSignal));
}

}  // namespace

void catch_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  struct sigaction hangup {};
  if (sigaction(SIGHUP, nullptr, &hangup) == 0 && hangup.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, nullptr);
}

int signals_caught() noexcept { return caught; }

}  // namespace pfs
