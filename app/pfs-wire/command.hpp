#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "base/result.hpp"

namespace pfs {

/// What the chosen subcommand does, set when the command line has been parsed.
using Command = std::function<Result<void>()>;

/// Each adds one subcommand to `app`; parsing its name sets `chosen`.
void add_decode(CLI::App& app, Command& chosen);
void add_encode(CLI::App& app, Command& chosen);

}  // namespace pfs
