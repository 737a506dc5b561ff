#pragma once

#include <string>
#include <vector>

#include "machine/tree.hpp"

namespace pfs {

/// `0-3,8` as numbers in ascending order. What is no such list is left out.
std::vector<unsigned> parse_cpu_list(const std::string& list);

/// Numbers in ascending order as `0-3,8`.
std::string format_cpu_list(const std::vector<unsigned>& cpus);

/// What the kernel says of its CPUs; all lists ascending.
struct Cpus {
  std::vector<unsigned> online;
  std::vector<unsigned> allowed;   ///< this process may run on these (/proc/self/status)
  std::vector<unsigned> isolated;  ///< `isolcpus=`
  std::vector<unsigned> nohz;      ///< `nohz_full=`
  std::vector<unsigned> slow;      ///< whose frequency governor is another than `performance`
  std::string governor;            ///< the governor of the first of `slow`
  unsigned nodes = 1;              ///< NUMA nodes that have CPUs or memory
};
Cpus read_cpus(const Tree& tree);

}  // namespace pfs
