#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "blob/fill.hpp"
#include "dpdk/eal_arguments.hpp"
#include "options.hpp"
#include "runtime/graph.hpp"

namespace pfs {

/// All that can be checked before EAL starts: the pipeline, its files, folders and captures, the memory it will need.
struct Prepared {
  Graph graph;
  std::vector<PlacedFile> files;
  std::vector<std::string> notes;  ///< a line each for the user, none of them an error
  EalArguments eal;                ///< under --no-huge with the memory the pipeline needs
  uint64_t bytes = 0;              ///< of hugepages, or of memory under --no-huge, that the run will need at most
};
Result<Prepared> prepare(const CommandLine& line);

}  // namespace pfs
