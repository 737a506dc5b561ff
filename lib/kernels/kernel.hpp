#pragma once

#include <cstdint>
#include <span>

#include "base/descriptor.hpp"
#include "blob/stretches.hpp"
#include "blob/table_cursor.hpp"
#include "blob/view.hpp"
#include "kernels/lanewise.hpp"

namespace pfs {

/// The status in a RESULT (KERNELS.md).
enum class Status : uint16_t {
  kDone = 0,
  kUnknownOp = 1,
  kNotPermitted = 2,
  kBadArgument = 3,
  kDigestMismatch = 4,
};

constexpr uint32_t kKernelOutputMax = 2048;  ///< bytes of one kernel; hist8's 256 u64 are the largest output

/// What a kernel works on: the bytes that `table` denotes, in order, in `blob` or in `slab`. Bounds were checked
/// before.
struct KernelInput {
  BlobView blob;
  const uint8_t* slab = nullptr;
  std::span<const Descriptor> table;
  uint64_t bytes = 0;  ///< the sum of the table's lengths
  uint64_t arg = 0;
  Room* room = nullptr;  ///< the caller's, for short ranges; without a room each range is visited where it lies

  [[nodiscard]] const uint8_t* at(const Descriptor& descriptor) const noexcept {
    return (descriptor.in_blob() ? blob.data : slab) + descriptor.offset;
  }
};

/// What goes into the RESULT unit. `bytes` has kKernelOutputMax bytes of room for a kernel; `length` says how many were
/// used.
struct KernelOutput {
  uint64_t value = 0;
  uint8_t* bytes = nullptr;
  uint16_t length = 0;
};

/// A kernel: an opcode, a name, and a computation that takes the denoted bytes range by range in order. No function
/// allocates, locks or reads a clock. kernel_of() makes one of a class. Data is read only, except by in-place kernels,
/// which write the blob; the caller has checked that every descriptor lies in a granted range.
struct Kernel {
  uint8_t op = 0;
  const char* name = "";
  bool in_place = false;
  /// kDone, or why the input is refused, before anything is read or changed.
  Status (*check)(const KernelInput& input) noexcept = nullptr;
  /// Computes over the whole input at once, which check() has admitted, and fills `output`.
  void (*run)(const KernelInput& input, KernelOutput& output) noexcept = nullptr;
  /// The same in steps, for programs and for slices: `state` has state_bytes bytes, is cache-line aligned and needs no
  /// destruction.
  uint32_t state_bytes = 0;
  uint16_t output_bytes = 0;  ///< that finish() writes beside the value
  void (*start)(void* state, uint64_t arg) noexcept = nullptr;
  /// feed_all() takes the whole input, feed() the bytes at `data`. Both may be called again and again, in order.
  void (*feed_all)(void* state, const KernelInput& input) noexcept = nullptr;
  void (*feed)(void* state, uint8_t* data, uint64_t bytes) noexcept = nullptr;
  void (*finish)(void* state, KernelOutput& output) noexcept = nullptr;
  /// Other than kNone: what a FusedLoop has done on its behalf can be taken over, `bytes` of whole lines.
  Lanewise lanewise = Lanewise::kNone;
  void (*absorb)(void* state, const Lanes& lanes, uint64_t bytes) noexcept = nullptr;
};

/// Feeds a started kernel with the input from `left` on, over about `bytes` bytes; `left` goes on by as much. A long
/// range is cut at a multiple of 8: no kernel's unit is larger, and where a kernel has one its ranges are whole units.
inline void feed_slice(const Kernel& kernel, void* state, const KernelInput& input, TableCursor& left,
                       uint64_t bytes) noexcept {
  Descriptor piece;
  KernelInput part = input;
  part.table = left.slice(bytes < 8 ? 8 : bytes & ~uint64_t{7}, piece);
  kernel.feed_all(state, part);
}

}  // namespace pfs
