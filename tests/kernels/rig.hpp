#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <span>
#include <vector>

#include "kernels/execute.hpp"
#include "kernels/execution.hpp"
#include "reference.hpp"

namespace pfs {

/// A blob of 64 KiB, a slab of 8 KiB, and what comes of executing over them.
class KernelRig : public testing::Test {
 protected:
  struct Outcome {
    Status status;
    uint64_t value;
    Bytes bytes;
  };

  /// What comes of it in one go; in slices the same has to come of it.
  Outcome run(uint8_t op, std::span<const Descriptor> table, uint64_t arg = 0) {
    KernelInput input;
    input.blob.data = blob_.data();
    input.blob.layout.size = blob_.size();
    input.slab = slab_.data();
    input.table = table;
    input.arg = arg;
    input.room = runs_++ % 2 == 0 ? &room_ : nullptr;
    for (const Descriptor& descriptor : table) input.bytes += descriptor.length;
    const Bytes before = blob_;
    const Outcome whole =
        outcome_of([&](KernelOutput& output) { return execute(op, input, grants_, 7, Programs(programs_), output); });
    const Bytes after = blob_;
    std::copy(before.begin(), before.end(), blob_.begin());
    for (const uint64_t slice : {uint64_t{1}, uint64_t{8} << (runs_ % 15)}) {
      if (slice == 1 && runs_ % 16 != 0) continue;  // slow
      std::copy(before.begin(), before.end(), blob_.begin());
      const Outcome sliced = outcome_of([&](KernelOutput& output) { return run_in_slices(op, input, slice, output); });
      EXPECT_EQ(sliced.status, whole.status) << "op " << int{op} << " in slices of " << slice;
      EXPECT_EQ(sliced.value, whole.value) << "op " << int{op} << " in slices of " << slice;
      EXPECT_EQ(sliced.bytes, whole.bytes) << "op " << int{op} << " in slices of " << slice;
      EXPECT_TRUE(blob_ == after) << "op " << int{op} << " in slices of " << slice;
    }
    return whole;
  }

  Bytes denoted(std::span<const Descriptor> table) {
    Bytes all;
    for (const Descriptor& descriptor : table) {
      const Bytes& space = descriptor.in_blob() ? blob_ : slab_;
      const auto from = space.begin() + static_cast<ptrdiff_t>(descriptor.offset);
      all.insert(all.end(), from, from + static_cast<ptrdiff_t>(descriptor.length));
    }
    return all;
  }

  /// Descriptors of any alignment and both spaces, overlapping; lengths a multiple of `unit`.
  std::vector<Descriptor> random_table(std::mt19937& random, uint64_t unit, bool slab = true) {
    std::vector<Descriptor> table(1 + random() % 90);
    const uint64_t longest = random() % 2 ? 100 : 3000;
    for (Descriptor& descriptor : table) {
      const uint64_t length = unit * (1 + random() % (longest / unit));
      const bool in_slab = slab && random() % 3 == 0;
      const uint64_t offset = random() % ((in_slab ? slab_.size() : blob_.size()) - length);
      descriptor = in_slab ? slab_range(offset, length) : blob_range(offset, length);
    }
    return table;
  }

  static Bytes noise(size_t bytes, uint32_t seed) {
    std::mt19937 random(seed);
    Bytes all(bytes);
    for (uint8_t& byte : all) byte = static_cast<uint8_t>(random());
    return all;
  }

  template <class Execute>
  static Outcome outcome_of(Execute execute) {
    Bytes room(kOutputMax + 64, 0xCD);
    KernelOutput output{.bytes = room.data()};
    const Status status = execute(output);
    for (size_t i = output.length; i < room.size(); ++i) EXPECT_EQ(room[i], 0xCD) << "byte behind the output: " << i;
    return {status, output.value, {room.begin(), room.begin() + output.length}};
  }

  Status run_in_slices(uint8_t op, const KernelInput& input, uint64_t slice, KernelOutput& output) {
    Execution execution(programs_);
    const Status status = execution.begin(op, input, grants_, 7);
    if (status != Status::kDone) return status;
    while (!execution.advance(slice)) {
    }
    execution.finish(output);
    return status;
  }

  Bytes blob_ = noise(65536, 1);
  Bytes slab_ = noise(8192, 2);
  Room room_;
  uint32_t runs_ = 0;  // every other one has the room
  std::vector<ProgramDefinition> programs_;
  std::vector<Grant> grants_ = {{7, 0, 65536}};
};

}  // namespace pfs
