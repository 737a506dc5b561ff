#include "kernels/read_programs.hpp"

#include <fmt/format.h>

#include "base/escape.hpp"
#include "base/numbers.hpp"
#include "config/words.hpp"
#include "kernels/registry.hpp"

namespace pfs {
namespace {

Result<Operation> read_operation(const std::string& text, const std::string& where) {
  const size_t name_end = text.find(' ');
  const std::string name = text.substr(0, name_end);
  const Kernel* kernel = find_kernel(name);
  if (kernel == nullptr)
    return fail(where, fmt::format("{} is no kernel", quote(name)), suggest(name, kernel_names(), "there are"));
  if (name_end == std::string::npos) return Operation{kernel, 0};
  const Result<uint64_t> arg = parse_whole(text.substr(text.find_first_not_of(' ', name_end)));
  if (!arg)
    return fail(where, fmt::format("{}: what follows the kernel's name is {}", quote(text), arg.error().what),
                arg.error().hint.empty() ? "write its argument as 90 or 0x5a" : arg.error().hint);
  return Operation{kernel, *arg};
}

Result<ProgramDefinition> read_program(const ProgramConfig& config) {
  std::vector<Operation> operations;
  for (const std::string& text : config.operations) {
    Result<Operation> operation = read_operation(text, config.where);
    if (!operation) return tl::unexpected(operation.error());
    operations.push_back(*operation);
  }
  const size_t count = operations.size();
  if (count == 0 || count > kProgramOperationsMax)
    return fail(config.where, fmt::format("program {} has {} operations", config.op, count),
                fmt::format("give it 1 to {}", kProgramOperationsMax));
  ProgramDefinition program(config.op, std::move(operations));
  if (program.output_bytes() > kProgramOutputMax)
    return fail(
        config.where,
        fmt::format("the operations of program {} answer with {} bytes together", config.op, program.output_bytes()),
        fmt::format("a RESULT holds {}; split it", kProgramOutputMax));
  return program;
}

}  // namespace

Result<std::vector<ProgramDefinition>> read_programs(std::span<const ProgramConfig> configs) {
  std::vector<ProgramDefinition> programs;
  for (const ProgramConfig& config : configs) {
    Result<ProgramDefinition> program = read_program(config);
    if (!program) return tl::unexpected(program.error());
    programs.push_back(std::move(*program));
  }
  return programs;
}

}  // namespace pfs
