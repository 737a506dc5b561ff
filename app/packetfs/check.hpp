#pragma once

#include "base/result.hpp"
#include "options.hpp"

namespace pfs {

/// `--check`: prints what a look at the machine finds, and whether the pipeline fits if the command line names one.
/// kDone, or kFailed where something is to change.
Exit check(const CommandLine& line);

}  // namespace pfs
