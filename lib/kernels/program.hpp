#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/counter.hpp"
#include "kernels/kernel.hpp"
#include "kernels/tiles.hpp"

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

/// Where the machine code of a group is put when it is ready; null before. Readers on any lcore see all of it or none.
using FusedLoopSlot = std::atomic<FusedLoop*>;

/// Lanewise operations in a row, two or more: one loop can do them all in registers.
struct LaneGroup {
  uint32_t first = 0;
  uint32_t count = 0;
  std::shared_ptr<FusedLoopSlot> loop;
};

/// What the configuration calls an op of 64 to 255: operations in their order. Copies share the groups' loops.
struct ProgramDefinition {
  ProgramDefinition() = default;
  ProgramDefinition(uint8_t op, std::vector<Operation> operations);

  uint8_t op = 0;
  std::vector<Operation> operations;
  std::vector<LaneGroup> groups;

  /// Of the RESULT: an operation's head and bytes, for each.
  [[nodiscard]] uint32_t output_bytes() const noexcept;
  [[nodiscard]] bool in_place() const noexcept;
};

/// Runs several kernels for one pass over memory: the denoted bytes are cut into tiles that stay in L1, and every
/// operation sees a tile before the next tile is touched; a group whose loop is there sees it in one go. The outcome is
/// that of the operations one after the other; where an in-place operation meets ranges that may overlap, they are in
/// fact run so. Holds the operations' states, so one thread at a time uses it. Takes memory only when constructed.
class Program {
 public:
  explicit Program(const ProgramDefinition& definition);

  /// Value: the last operation's. Bytes (room for kProgramOutputMax): for each operation in order its op (u8), value
  /// (u64), number of bytes (u16), bytes; integers big-endian. A refusal by any operation is the program's, and then
  /// nothing has been read or changed. input.arg is not looked at.
  Status run(const KernelInput& input, KernelOutput& output) noexcept;

  /// The same in slices: begin() with an input (kDone, or why it is refused), advance() until it says that all bytes
  /// have been seen, over about `bytes` bytes of one operation each time, and finish().
  Status begin(const KernelInput& input) noexcept;
  bool advance(uint64_t bytes) noexcept;
  void finish(KernelOutput& output) noexcept;

  [[nodiscard]] const ProgramDefinition& definition() const noexcept { return definition_; }
  /// Runs of which a loop saw some bytes.
  [[nodiscard]] uint64_t runs_compiled() const noexcept { return runs_compiled_.get(); }

 private:
  struct FreeStates {
    void operator()(std::byte* states) const noexcept;
  };
  struct Step {
    Operation operation;
    void* state = nullptr;
  };
  /// A group with what its loop finds.
  struct Group {
    LaneGroup of;
    FusedLoop* loop = nullptr;  ///< of the current run; null: none
    std::vector<Lanes> lanes;   ///< of each of its operations
    uint64_t bytes = 0;         ///< that the loop has seen
  };
  /// Steps that see a tile together: a group whose loop is there, or one.
  struct Pass {
    uint32_t first = 0;
    uint32_t count = 1;
    Group* group = nullptr;
  };

  /// What a loop asks for while it works: FusedLoop's `ahead` and `step`. Null where there is nothing to ask for.
  struct Ahead {
    const uint8_t* at = nullptr;
    uint64_t step = 0;
  };

  void start() noexcept;
  bool advance_tiles(uint64_t bytes) noexcept;
  bool advance_in_turn(uint64_t bytes) noexcept;
  void visit(Tile tile, Tile next) noexcept;
  [[nodiscard]] Ahead look_ahead(const Pass& pass, Tile tile, Tile next) const noexcept;
  void feed(const Pass& pass, uint8_t* data, uint64_t bytes, Ahead ahead) noexcept;

  ProgramDefinition definition_;
  std::unique_ptr<std::byte[], FreeStates> states_;
  std::vector<Step> steps_;
  std::vector<Group> groups_;
  // Of this run:
  std::vector<Pass> passes_;
  KernelInput input_;
  bool in_turn_ = false;  // one operation after the other, each over all bytes
  Tiles tiles_;
  Tile tile_;         // the next one to be seen; empty behind the last
  size_t step_ = 0;   // in turn: the operation
  TableCursor left_;  // in turn: what it has not seen
  Counter runs_compiled_;
  uint32_t reads_from_ = 0;  // the first step behind the last that writes
};

/// The programs of one thread, by op.
class Programs {
 public:
  explicit Programs(std::span<const ProgramDefinition> definitions);
  [[nodiscard]] Program* find(uint8_t op) const noexcept { return by_op_[op].get(); }
  [[nodiscard]] uint64_t runs_compiled() const noexcept;

 private:
  std::array<std::unique_ptr<Program>, 256> by_op_;
};

}  // namespace pfs
