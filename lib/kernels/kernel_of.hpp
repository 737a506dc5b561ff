#pragma once

#include <new>
#include <type_traits>

#include "blob/ranges.hpp"
#include "kernels/kernel.hpp"

namespace pfs {

/// The low byte of the argument: what the _imm8 kernels take; bits above it mean nothing.
inline uint8_t low_byte(uint64_t arg) noexcept { return static_cast<uint8_t>(arg); }

/// Ranges that are written stay where they are, and overlapping ones are written once for each; all lie in the blob
/// then, whose view is writable.
template <class Work>
void feed_in_order(Work& work, const KernelInput& input, bool in_place) noexcept {
  const auto feed = [&](const uint8_t* data, uint64_t bytes) noexcept { work.feed(const_cast<uint8_t*>(data), bytes); };
  if (in_place || input.room == nullptr)
    for_each_range(input.table, input.blob.data, input.slab, feed);
  else if constexpr (requires { work.feed_table(input); })
    work.feed_table(input);
  else
    for_each_stretch(input.table, input.blob.data, input.slab, *input.room, feed);
}

// clang-format off
/// The kernel that `Work` computes:
///   explicit Work(uint64_t arg) noexcept;
///   void feed(const uint8_t* data, uint64_t bytes) noexcept;      an in-place kernel takes uint8_t*
///   void feed_table(const KernelInput& input) noexcept;           where it has a way of its own; input.room is there
///   void finish(KernelOutput& output) noexcept;                   value, and up to kOutputBytes bytes
///   static constexpr uint16_t kOutputBytes                        where it has output beside the value
///   static Status check(const KernelInput& input) noexcept;       where it refuses some input
///   static constexpr Lanewise kLanewise                           where it is such an operation, and then
///   void absorb(const Lanes& lanes, uint64_t bytes) noexcept;     as if fed with them
// clang-format on
template <class Work>
constexpr Kernel kernel_of(uint8_t op, const char* name) noexcept {
  static_assert(std::is_trivially_destructible_v<Work>);
  // What a kernel that writes takes cannot be called with const bytes.
  constexpr bool in_place = !std::is_invocable_v<decltype(&Work::feed), Work&, const uint8_t*, uint64_t>;
  Kernel kernel{.op = op, .name = name, .in_place = in_place};
  if constexpr (requires { Work::check; })
    kernel.check = Work::check;
  else
    kernel.check = [](const KernelInput&) noexcept { return Status::kDone; };
  if constexpr (requires { Work::kOutputBytes; }) kernel.output_bytes = Work::kOutputBytes;
  kernel.state_bytes = sizeof(Work);
  kernel.feed_all = [](void* state, const KernelInput& input) noexcept {
    feed_in_order(*static_cast<Work*>(state), input, in_place);
  };
  kernel.run = [](const KernelInput& input, KernelOutput& output) noexcept {
    Work work(input.arg);
    feed_in_order(work, input, in_place);
    work.finish(output);
  };
  kernel.start = [](void* state, uint64_t arg) noexcept { new (state) Work(arg); };
  kernel.feed = [](void* state, uint8_t* data, uint64_t bytes) noexcept {
    static_cast<Work*>(state)->feed(data, bytes);
  };
  if constexpr (requires { Work::kLanewise; }) {
    kernel.lanewise = Work::kLanewise;
    kernel.absorb = [](void* state, const Lanes& lanes, uint64_t bytes) noexcept {
      static_cast<Work*>(state)->absorb(lanes, bytes);
    };
  }
  kernel.finish = [](void* state, KernelOutput& output) noexcept { static_cast<Work*>(state)->finish(output); };
  return kernel;
}

}  // namespace pfs
