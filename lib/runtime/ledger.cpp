#include "runtime/ledger.hpp"

#include <fmt/format.h>

#include <numeric>

namespace pfs {

uint64_t Ledger::dropped_total() const noexcept { return std::accumulate(dropped.begin(), dropped.end(), uint64_t{0}); }

int64_t Ledger::residual() const noexcept {
  return static_cast<int64_t>(received + built - processed - transmitted - dropped_total() - in_flight);
}

std::string Ledger::text() const {
  std::string text = fmt::format(
      "  Ledger (frames): received {} + built {} = processed {} + transmitted {} + dropped {} + in flight {}; residual "
      "{}\n",
      received, built, processed, transmitted, dropped_total(), in_flight, residual());
  for (size_t reason = 1; reason < kDropCount; ++reason)
    if (dropped[reason] != 0)
      text += fmt::format("    dropped {:<18} {}\n", name(static_cast<Drop>(reason)), dropped[reason]);
  return text;
}

}  // namespace pfs
