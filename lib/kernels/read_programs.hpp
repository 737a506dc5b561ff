#pragma once

#include <span>
#include <vector>

#include "base/result.hpp"
#include "config/pipeline.hpp"
#include "kernels/program.hpp"

namespace pfs {

/// What the pipeline's `programs` mean: kernels by name, each with the argument behind it (`xor_imm8 0x5a`).
Result<std::vector<ProgramDefinition>> read_programs(std::span<const ProgramConfig> configs);

}  // namespace pfs
