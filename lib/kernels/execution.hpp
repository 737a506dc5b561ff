#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "blob/grants.hpp"
#include "blob/table_cursor.hpp"
#include "kernels/kernel.hpp"
#include "kernels/program.hpp"

namespace pfs {

/// A kernel or program under way over one input: it is begun, goes on a slice at a time, and answers when all bytes
/// have been seen. The outcome is that of execute(), which does all three at once. Between two slices nobody may write
/// what the input denotes, and where writes() is true nobody may read it either. One thread's, for one input at a time.
/// Takes memory only when constructed.
class Execution {
 public:
  explicit Execution(std::span<const ProgramDefinition> programs);

  /// Begins with an input, which stays as it is until finish() or until another is begun with. Any other status than
  /// kDone is a refusal: nothing was changed, and nothing is under way.
  Status begin(uint8_t op, const KernelInput& input, std::span<const Grant> grants, uint16_t stream) noexcept;

  /// Goes on over about `bytes` bytes, of which a range counts some more than it has. True when all have been seen.
  bool advance(uint64_t bytes) noexcept;

  /// The answer; `output.bytes` has room for kOutputMax bytes.
  void finish(KernelOutput& output) noexcept;

  /// Whether what is under way changes the blob.
  [[nodiscard]] bool writes() const noexcept;
  [[nodiscard]] uint64_t runs_compiled() const noexcept { return programs_.runs_compiled(); }

 private:
  struct FreeState {
    void operator()(std::byte* state) const noexcept;
  };

  Programs programs_;
  std::unique_ptr<std::byte[], FreeState> state_;  // of any kernel
  const Kernel* kernel_ = nullptr;                 // one of these two is under way
  Program* program_ = nullptr;
  KernelInput input_;
  TableCursor left_;
};

}  // namespace pfs
