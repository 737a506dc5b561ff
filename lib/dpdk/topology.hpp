#pragma once

#include <string>
#include <vector>

namespace pfs {

/// One lcore that EAL gave us, and where it sits (by hwloc).
struct LcorePlace {
  unsigned lcore = 0;
  bool main = false;
  std::vector<unsigned> cpus;  ///< CPUs its thread may run on
  int node = 0;                ///< NUMA node of the first CPU
  int core = 0;                ///< physical core
  int l2 = 0, l3 = 0;          ///< which cache of that level it shares
};

/// All lcores of this process, main included. hwloc's failure leaves node, core and caches at 0, and says so in `note`.
std::vector<LcorePlace> read_topology(std::string& note);

/// True if two lcores' threads may run on the same CPU.
bool share_cpu(const LcorePlace& a, const LcorePlace& b);

}  // namespace pfs
