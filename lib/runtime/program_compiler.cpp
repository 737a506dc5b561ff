#include "runtime/program_compiler.hpp"

#include <fmt/format.h>
#include <rte_lcore.h>

#include <algorithm>
#include <chrono>

#include "base/log.hpp"

namespace pfs {

ProgramCompiler::~ProgramCompiler() {
  stopping_ = true;
  static_cast<void>(finish());
}

bool ProgramCompiler::has_work(std::span<const ProgramDefinition> programs) noexcept {
  return std::any_of(programs.begin(), programs.end(),
                     [](const ProgramDefinition& program) { return !program.groups.empty(); });
}

Result<void> ProgramCompiler::start(std::span<const ProgramDefinition> programs, bool required) {
  if (!has_work(programs)) return {};
  programs_ = programs;
  required_ = required;
  pthread_t thread{};
  // EAL keeps its control threads off the lcores' CPUs where there are others.
  if (rte_ctrl_thread_create(&thread, "pfs-compiler", nullptr, run, this) != 0)
    return fail("", "there is no thread for compiling programs", "", Exit::kFailed);
  thread_ = thread;
  return required ? finish() : Result<void>{};
}

void* ProgramCompiler::run(void* self) {
  auto& compiler = *static_cast<ProgramCompiler*>(self);
  compiler.outcome_ = compiler.compile();
  if (!compiler.outcome_ && !compiler.required_)
    log_line(compiler.outcome_.error().line() + "; the rest runs tile by tile");
  return nullptr;
}

Result<void> ProgramCompiler::compile() {
  const auto start = std::chrono::steady_clock::now();
  Result<Jit> jit = Jit::start();
  if (!jit) return tl::unexpected(jit.error());
  jit_.emplace(std::move(*jit));
  size_t loops = 0;
  for (const ProgramDefinition& program : programs_) {
    for (const LaneGroup& group : program.groups) {
      if (stopping_) return {};
      Result<FusedLoop*> loop = jit_->loop(std::span(program.operations).subspan(group.first, group.count));
      if (!loop)
        return fail("", fmt::format("{} loops of programs compiled, but {}", loops, loop.error().line()), "",
                    Exit::kFailed);
      group.loop->store(*loop, std::memory_order_release);
      ++loops;
    }
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
  log_line(fmt::format("{} loops of programs compiled in {} ms", loops, took.count()));
  return {};
}

Result<void> ProgramCompiler::finish() {
  if (thread_) pthread_join(*thread_, nullptr);
  thread_.reset();
  return outcome_;
}

}  // namespace pfs
