#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "blob/fill.hpp"
#include "config/driver.hpp"
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
  std::vector<DriverConfig> profiles;
  std::vector<std::string> dead_sockets;  ///< that killed runs left where a device is going to listen
  EalArguments eal;                       ///< under --no-huge with the memory the pipeline needs
  uint64_t bytes = 0;  ///< hugepage memory that the run needs at most; under --no-huge, ordinary memory
};

/// Reads and checks the command line's whole configuration, and changes nothing.
Result<Prepared> plan(const CommandLine& line);

/// Plans, and makes the machine ready: files and sockets that killed runs left are taken away, and memory must be
/// there.
Result<Prepared> prepare(const CommandLine& line);

}  // namespace pfs
