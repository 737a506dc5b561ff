#pragma once

#include <pthread.h>

#include <atomic>
#include <optional>
#include <span>

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
  /// Begins, if there is anything to compile. `programs` stays where it is as long as this object. `required`: waits
  /// for the end, and what goes wrong is an error; else it is logged when it happens.
  Result<void> start(std::span<const ProgramDefinition> programs, bool required);

 private:
  static void* run(void* self);
  Result<void> compile();
  Result<void> finish();

  std::span<const ProgramDefinition> programs_;
  std::optional<Jit> jit_;
  std::optional<pthread_t> thread_;
  std::atomic<bool> stopping_{false};
  bool required_ = false;
  Result<void> outcome_;
};

}  // namespace pfs
