#pragma once

#include <pthread.h>
#include <rte_lcore.h>

#include <atomic>
#include <optional>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "jit/jit.hpp"
#include "kernels/program.hpp"

namespace pfs {

/// Compiles the groups of programs on a control thread, off the lcores, while the programs run tile by tile. Each loop
/// is published when it is ready and stays as long as this object.
class ProgramCompiler {
 public:
  ProgramCompiler() = default;
  ProgramCompiler(const ProgramCompiler&) = delete;
  ProgramCompiler& operator=(const ProgramCompiler&) = delete;
  ~ProgramCompiler();

  /// True if one of the programs has what can be compiled.
  static bool has_work(std::span<const ProgramDefinition> programs) noexcept;
  /// Begins, if there is anything to compile. `programs` stays where it is until finish().
  void start(std::span<const ProgramDefinition> programs);
  /// Waits for the end; the error that ended it early, if one did.
  Result<void> finish();

 private:
  static void* run(void* self);
  Result<void> compile();

  std::span<const ProgramDefinition> programs_;
  std::optional<Jit> jit_;
  std::optional<pthread_t> thread_;
  std::atomic<bool> stopping_{false};
  Result<void> outcome_;
};

}  // namespace pfs
