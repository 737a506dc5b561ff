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

/// What a command line asks for, read and checked whole: the pipeline, its files, folders and captures, EAL's
/// arguments.
struct Prepared {
  Graph graph;
  std::vector<PlacedFile> files;
  std::vector<std::string> notes;  ///< a line each for the user, none of them an error
  EalArguments eal;                ///< under --no-huge with the memory the pipeline needs
  uint64_t bytes = 0;              ///< of hugepages, or of memory under --no-huge, that the run will need at most
};

/// Reads and checks, and changes nothing.
Result<Prepared> plan(const CommandLine& line);

/// plan(), and the machine made ready for it: what killed runs left is taken away, and memory has to be there.
Result<Prepared> prepare(const CommandLine& line);

}  // namespace pfs
