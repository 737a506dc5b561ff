#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace pfs {

/// The options that stand behind `--` on the command line.
struct Options {
  std::string pipeline;
  std::vector<std::string> sets;  ///< a.b=c, in order
  std::string drivers;            ///< folder of driver profiles
  std::string report;             ///< file for the report; empty: none
  std::string dot;                ///< file for the graph; empty: none
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

/// Reads the command line. Nothing comes back where help or the version was asked for and has been printed.
Result<std::optional<CommandLine>> parse_command_line(int argc, char** argv);

}  // namespace pfs
