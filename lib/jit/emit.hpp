#pragma once

#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include <span>
#include <string>

#include "kernels/program.hpp"
#include "simd/cpu.hpp"

namespace pfs {

/// Adds a function `name`, a FusedLoop over `operations`, to `module`. Every operation is lanewise.
void emit_loop(llvm::Module& module, const std::string& name, std::span<const Operation> operations, Isa isa);

}  // namespace pfs
