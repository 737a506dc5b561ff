#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace pfs {

/// EAL's command line as EAL's own getopt reads it, and what of the command line concerns us before EAL starts.
struct EalArguments {
  std::vector<std::string> words;    ///< for rte_eal_init: program name first, abbreviated options written out
  std::vector<std::string> devices;  ///< values of --vdev, in order
  std::string huge_folder;           ///< of --huge-dir, or empty
  bool no_huge = false;              ///< --no-huge
  bool files = true;                 ///< hugepages are files of a hugetlbfs mount; false with --in-memory or --no-huge
  bool amount = false;               ///< -m or --socket-mem is given
  bool simd = false;                 ///< --force-max-simd-bitwidth is given; without it EAL's default says nothing
  bool log_level = false;            ///< --log-level is given: somebody wants to see what EAL logs
  bool help = false;                 ///< -h or --help
};

/// Reads EAL's words, program name first. An unknown, ambiguous or unfinished option is an error, and so is a process
/// type other than primary. --no-huge with --in-memory, which EAL refuses, becomes --no-huge with --no-shconf, which
/// means the same: no files.
Result<EalArguments> read_eal_arguments(const std::vector<std::string>& words);

}  // namespace pfs
