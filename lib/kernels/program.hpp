#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kernels/kernel.hpp"

namespace pfs {

constexpr uint8_t kFirstProgram = 64;                ///< ops from here to 255 are the pipeline's own
constexpr uint32_t kProgramOperationsMax = 16;       ///< in one program
constexpr uint32_t kProgramOutputMax = 8192;         ///< bytes of RESULT output of one program
constexpr uint32_t kOperationHeadBytes = 1 + 8 + 2;  ///< before each operation's bytes: op, value, length

/// One step of a program: a kernel and its argument, which the configuration gives.
struct Operation {
  const Kernel* kernel = nullptr;
  uint64_t arg = 0;
};

/// What the configuration calls an op of 64 to 255: operations in their order.
struct ProgramDefinition {
  uint8_t op = 0;
  std::vector<Operation> operations;

  /// Of the RESULT: an operation's head and bytes, for each.
  [[nodiscard]] uint32_t output_bytes() const noexcept;
  [[nodiscard]] bool in_place() const noexcept;
};

/// Runs several kernels for one pass over memory: the denoted bytes are cut into tiles that stay in L1, and every
/// operation sees a tile before the next tile is touched. The outcome is that of the operations one after the other;
/// where an in-place operation meets ranges that may overlap, they are in fact run so.
/// Holds the operations' states, so one thread at a time uses it. Takes memory only when constructed.
class Program {
 public:
  explicit Program(const ProgramDefinition& definition);

  /// Value: the last operation's. Bytes (room for kProgramOutputMax): for each operation in order its op (u8), value
  /// (u64), number of bytes (u16), bytes; integers big-endian. A refusal by any operation is the program's, and then
  /// nothing has been read or changed. input.arg is not looked at.
  Status run(const KernelInput& input, KernelOutput& output) noexcept;

  [[nodiscard]] const ProgramDefinition& definition() const noexcept { return definition_; }

 private:
  struct FreeStates {
    void operator()(std::byte* states) const noexcept;
  };
  struct Step {
    Operation operation;
    void* state = nullptr;
  };

  void fused(const KernelInput& input) noexcept;
  void one_by_one(const KernelInput& input) noexcept;
  void finish(KernelOutput& output) noexcept;

  ProgramDefinition definition_;
  std::unique_ptr<std::byte[], FreeStates> states_;
  std::vector<Step> steps_;
  std::unique_ptr<uint8_t[]> gathered_;  // a tile's bytes side by side; null where they are to be written in place
};

/// The programs of one thread, by op.
class Programs {
 public:
  explicit Programs(std::span<const ProgramDefinition> definitions);
  [[nodiscard]] Program* find(uint8_t op) const noexcept { return by_op_[op].get(); }

 private:
  std::array<std::unique_ptr<Program>, 256> by_op_;
};

}  // namespace pfs
