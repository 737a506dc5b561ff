#include "signals.hpp"

#include <unistd.h>
#include <csignal>

#include "base/result.hpp"

namespace pfs {
namespace {

volatile std::sig_atomic_t caught = 0;

extern "C" void on_signal(int) {
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
}

int signals_caught() noexcept { return caught; }

}  // namespace pfs
