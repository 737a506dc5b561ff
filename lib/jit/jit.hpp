#pragma once

#include <memory>
#include <span>

#include "base/result.hpp"
#include "kernels/program.hpp"
#include "simd/cpu.hpp"

namespace pfs {

/// Makes machine code of groups of lanewise operations, with LLVM's ORC. Compiling takes milliseconds, so a control
/// thread does it; the code stays as long as the Jit does. One thread at a time uses a Jit.
class Jit {
 public:
  /// Whether loops can be had at `isa`: it has to be avx2 or more, and the build one with LLVM (meson's feature `jit`).
  static Result<void> can(Isa isa = active_isa());
  static Result<Jit> start(Isa isa = active_isa());

  /// The loop for lanewise operations in a row, as FusedLoop says. The same operations give the same code, compiled
  /// once for this CPU.
  Result<FusedLoop*> loop(std::span<const Operation> operations);

  Jit(Jit&&) noexcept;
  Jit& operator=(Jit&&) noexcept;
  ~Jit();

 private:
  struct Machine;
  explicit Jit(std::unique_ptr<Machine> machine) noexcept;
  std::unique_ptr<Machine> machine_;
};

}  // namespace pfs
