// How often each byte occurs: the kernel, beside one table and four.
#include <array>
#include <vector>

#include "../simd/loops.hpp"
#include "../simd/measure.hpp"
#include "kernels/registry.hpp"

namespace pfs::bench {
namespace {

uint64_t histogram(uint8_t* data, uint64_t bytes) {
  static const Kernel* const kernel = find_kernel(6);
  std::array<uint8_t, kKernelOutputMax> room;
  KernelOutput output{.bytes = room.data()};
  const Descriptor whole = blob_range(0, bytes);
  kernel->run({.blob = {.data = data}, .table = {&whole, 1}, .bytes = bytes}, output);
  return output.value;
}

template <size_t kTables>
uint64_t count_in_tables(const uint8_t* data, uint64_t bytes) {
  static std::array<std::array<uint32_t, 256>, kTables> tables;
  for (uint64_t i = 0; i < bytes; i += kTables) {
    for (size_t t = 0; t < kTables; ++t) ++tables[t][data[i + t]];
  }
  return tables[0][0];
}

}  // namespace

void register_hist8() {
  for (const Size& size : {kL2, kDram}) {
    bytes("hist8/ours", size, "kernel 6", histogram);
    bytes("hist8/one-table", size, "-O3", count_in_tables<1>);
    bytes("hist8/four-tables", size, "-O3", count_in_tables<4>);
    read_ceiling("hist8", size);
  }
  bytes("hist8-equal-bytes/ours", kL2, "kernel 6", [](const uint8_t* /*data*/, uint64_t bytes) {
    static std::vector<uint8_t> same(kL2.chunk, 0x5A);
    return histogram(same.data(), bytes);
  });
}

}  // namespace pfs::bench
