#pragma once

#include <string>

#include "base/result.hpp"
#include "runtime/engine.hpp"

namespace pfs {

/// What a run came to where no transfer reported itself: verified if grams were denoted and every digest held.
TransferResult overall_result(const Engine& engine, double seconds);

/// Writes the run as JSON (README of pipelines/ lists the fields): first beside `path`, then renamed over it.
Result<void> write_report(Engine& engine, double seconds, const std::string& path);

/// Checks before the run that a report can be written there.
Result<void> check_report_path(const std::string& path);

}  // namespace pfs
