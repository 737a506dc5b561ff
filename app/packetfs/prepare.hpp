#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "blob/fill.hpp"
#include "options.hpp"
#include "runtime/graph.hpp"

namespace pfs {

/// All that can be checked before EAL starts: the pipeline, its files, folders and captures, the memory it will need.
struct Prepared {
  Graph graph;
  std::vector<PlacedFile> files;
  std::vector<std::string> notes;  ///< a line each for the user, none of them an error
  std::vector<std::string> eal;    ///< EAL's arguments; under --no-huge with the memory the pipeline needs
};
Result<Prepared> prepare(const CommandLine& line);

}  // namespace pfs
