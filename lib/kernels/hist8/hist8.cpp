#include <algorithm>
#include <array>

#include "base/endian.hpp"
#include "kernels/input_ranges.hpp"
#include "kernels/registry.hpp"

namespace pfs {
namespace {

constexpr size_t kValues = 256;
constexpr size_t kTables = 8;
constexpr uint64_t kSpillBytes = 4 << 20;  // far below where a u32 wraps; 2,048 additions for each are lost in it

/// One table for each byte of a u64, so that equal neighbours do not wait for each other's stores. 8 KiB.
using Tables = std::array<std::array<uint32_t, kValues>, kTables>;
using Totals = std::array<uint64_t, kValues>;

void count(Tables& tables, const uint8_t* data, uint64_t bytes) noexcept {
  uint64_t at = 0;
  for (; at + kTables <= bytes; at += kTables) {
    const auto word = load_le<uint64_t>(data + at);
    for (size_t i = 0; i < kTables; ++i) ++tables[i][(word >> (8 * i)) & 0xFF];
  }
  for (; at < bytes; ++at) ++tables[0][data[at]];
}

void spill(Tables& tables, Totals& totals) noexcept {
  for (auto& table : tables) {
    for (size_t value = 0; value < kValues; ++value) totals[value] += table[value];
    table.fill(0);
  }
}

/// Value: bytes counted. Bytes: how often each byte value occurs, 256 big-endian u64.
Status run(const KernelInput& input, KernelOutput& output) noexcept {
  static_assert(kValues * sizeof(uint64_t) <= kKernelOutputMax);
  Tables tables{};
  Totals totals{};
  uint64_t room = kSpillBytes;
  for_each_range(input, [&](const uint8_t* data, uint64_t bytes) noexcept {
    while (bytes > 0) {
      const uint64_t step = std::min(bytes, room);
      count(tables, data, step);
      data += step;
      bytes -= step;
      room -= step;
      if (room > 0) continue;
      spill(tables, totals);
      room = kSpillBytes;
    }
  });
  spill(tables, totals);
  for (size_t value = 0; value < kValues; ++value) store_be<uint64_t>(output.bytes + value * 8, totals[value]);
  output.length = kValues * sizeof(uint64_t);
  output.value = input.bytes;
  return Status::kDone;
}

constexpr Kernel kKernel{.op = 6, .name = "hist8", .in_place = false, .run = run};
const RegisterKernel kRegistered(kKernel);

}  // namespace
}  // namespace pfs
