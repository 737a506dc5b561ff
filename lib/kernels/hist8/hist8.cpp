#include <algorithm>
#include <array>
#include <cstring>

#include "base/endian.hpp"
#include "kernels/kernel_of.hpp"
#include "kernels/registry.hpp"

namespace pfs {
namespace {

constexpr size_t kValues = 256;
constexpr size_t kTables = 8;
// Unused counters between two tables. Without them the counters of one value in tables 0 and 4 would lie 4 KiB apart,
// and the processor would take a store and a load of them for those of one place.
constexpr size_t kApart = 32;
constexpr uint64_t kLine = 64;
constexpr uint64_t kAhead = 1024;  // bytes; the tables' own loads and stores keep the processor from looking that far
constexpr uint64_t kSpillBytes = 4 << 20;  // far below where a u32 wraps; 2,048 additions for each are lost in it

/// Value: bytes counted. Bytes: how often each byte value occurs, 256 big-endian u64.
class Hist8 {
 public:
  static constexpr uint16_t kOutputBytes = kValues * sizeof(uint64_t);

  explicit Hist8(uint64_t /*arg*/) noexcept {}
  void feed(const uint8_t* data, uint64_t bytes) noexcept {
    bytes_ += bytes;
    while (bytes > 0) {
      const uint64_t step = std::min(bytes, room_);
      count(data, step);
      data += step;
      bytes -= step;
      room_ -= step;
      if (room_ == 0) spill();
    }
  }
  void finish(KernelOutput& output) noexcept {
    spill();
    for (size_t value = 0; value < kValues; ++value) store_be<uint64_t>(output.bytes + value * 8, totals_[value]);
    output.length = kOutputBytes;
    output.value = bytes_;
  }

 private:
  void count(const uint8_t* data, uint64_t bytes) noexcept {
    uint64_t at = 0;
    for (; at + kLine <= bytes; at += kLine) {
      if (at + kAhead < bytes) __builtin_prefetch(data + at + kAhead);
      if (all_equal(data + at)) {
        tables_[0][data[at]] += kLine;
        continue;
      }
      for (uint64_t i = 0; i < kLine; i += kTables) count_word(load_le<uint64_t>(data + at + i));
    }
    for (; at + kTables <= bytes; at += kTables) count_word(load_le<uint64_t>(data + at));
    for (; at < bytes; ++at) ++tables_[0][data[at]];
  }

  /// A line of one value: common (zeros), and the slowest there is, since all its bytes wait for the same counters.
  static bool all_equal(const uint8_t* line) noexcept {
    return line[0] == line[1] && std::memcmp(line, line + 1, kLine - 1) == 0;
  }

  void count_word(uint64_t word) noexcept {
    for (size_t i = 0; i < kTables; ++i) ++tables_[i][(word >> (8 * i)) & 0xFF];
  }

  void spill() noexcept {
    for (auto& table : tables_) {
      for (size_t value = 0; value < kValues; ++value) totals_[value] += table[value];
      table.fill(0);
    }
    room_ = kSpillBytes;
  }

  // One table for each byte of a u64, so that equal neighbours do not wait for each other's stores. 9 KiB.
  std::array<std::array<uint32_t, kValues + kApart>, kTables> tables_{};
  std::array<uint64_t, kValues> totals_{};
  uint64_t room_ = kSpillBytes;
  uint64_t bytes_ = 0;
};

constexpr Kernel kKernel = kernel_of<Hist8>(6, "hist8");
const RegisterKernel kRegistered(kKernel);

}  // namespace
}  // namespace pfs
