#pragma once

#include <string>
#include <vector>

namespace pfs {

/// One lcore of this process and its place in the machine, as hwloc tells it.
struct LcorePlace {
  unsigned lcore = 0;
  bool main = false;
  std::vector<unsigned> cpus;  ///< CPUs that the lcore's thread may run on
  int node = 0;                ///< NUMA node of the first CPU
  int core = 0;                ///< physical core
  int l2 = 0, l3 = 0;          ///< numbers of the caches that the lcore uses
};

/// All lcores of this process, the main one included. Where hwloc fails, node, core and caches stay 0, and `note` says
/// so.
std::vector<LcorePlace> read_topology(std::string& note);

/// True if the threads of two lcores may run on the same CPU.
bool share_cpu(const LcorePlace& a, const LcorePlace& b);

}  // namespace pfs
