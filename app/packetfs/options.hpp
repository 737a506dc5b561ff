#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace pfs {

/// What stands behind `--` on the command line.
struct Options {
  std::string pipeline;
  std::vector<std::string> sets;  ///< a.b=c, in order
  std::string drivers;            ///< folder of driver profiles
  std::string report;             ///< empty: none
  std::string dot;                ///< empty: none
  double stats_period = 0;        ///< seconds; 0: only at the end
  double duration = 0;            ///< seconds; 0: until it is done or interrupted
  bool dry_run = false;
  bool check = false;  ///< looks at the machine and starts nothing; then the pipeline may be missing
  bool xstats = false;
};

/// The command line, split at `--`: what EAL gets (program name first), and our own options.
struct CommandLine {
  std::vector<std::string> eal;
  Options options;
};

/// nullopt: help or the version was printed.
Result<std::optional<CommandLine>> parse_command_line(int argc, char** argv);

}  // namespace pfs
