#pragma once

#include <string>

#include "base/result.hpp"
#include "runtime/engine.hpp"

namespace pfs {

/// What a run came to where no transfer reported itself: verified if grams were denoted and every digest held.
TransferResult overall_result(const Engine& engine, double seconds);

/// Writes the run as JSON (pipelines/README.md lists the fields), whole or not at all.
Result<void> write_report(Engine& engine, double seconds, const std::string& path);

}  // namespace pfs
