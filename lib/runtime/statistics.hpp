#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dpdk/port.hpp"
#include "runtime/engine.hpp"

namespace pfs {

/// Prints a run's statistics: per port in testpmd's layout, per stage calls, items and cycles, and the ledger. Each
/// printing is one text, which is printed whole or dropped whole.
class Statistics {
 public:
  Statistics(Engine& engine, bool xstats) : engine_(engine), xstats_(xstats), last_(engine.ports().size()) {}

  /// Keeps the counters of ports that count per link from being lost with a peer that leaves. Call it often. The
  /// counters of no other port are read before somebody asks for them, because reading them disturbs some devices.
  void look() noexcept;
  /// Prints statistics with rates since the last call. `seconds` have passed since the run began.
  void print(double seconds);
  /// Prints the accumulated totals at the end.
  void print_final(double seconds);

 private:
  void add_port(std::string& text, size_t index, double elapsed);
  void add_stages(std::string& text) const;

  Engine& engine_;
  bool xstats_;
  double last_seconds_ = 0;
  std::vector<PortStats> last_;
};

}  // namespace pfs
