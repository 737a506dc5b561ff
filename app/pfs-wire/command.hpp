#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "base/result.hpp"

namespace pfs {

/// The work of the chosen subcommand; parsing the command line sets it.
using Command = std::function<Result<void>()>;

/// Each of these functions adds one subcommand to `app`. Parsing the subcommand's name sets `chosen`.
void add_decode(CLI::App& app, Command& chosen);
void add_encode(CLI::App& app, Command& chosen);

}  // namespace pfs
