#include "measure.hpp"

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "kernels/sum_u64/loop.hpp"
#include "simd/splitmix/splitmix.hpp"

namespace pfs::bench {
namespace {

uint8_t* make_region(uint64_t seed) {
  void* memory = mmap(nullptr, kRegionBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    std::fprintf(stderr, "simd_bench: no memory for a region of 1 GiB\n");
    std::exit(1);
  }
  madvise(memory, kRegionBytes, MADV_HUGEPAGE);
  splitmix_words(static_cast<uint8_t*>(memory), seed, 0, kRegionBytes / 8);
  return static_cast<uint8_t*>(memory);
}

}  // namespace

uint8_t* source() {
  static uint8_t* const region = make_region(1);
  return region;
}

uint8_t* target() {
  static uint8_t* const region = make_region(2);
  return region;
}

void read_ceiling(const std::string& loop, const Size& size) {
  bytes(loop + "/ceiling-read", size, "sum_u64",
        [](const uint8_t* data, uint64_t bytes) { return sum_u64(data, bytes); });
}

void copy_ceiling(const std::string& loop, const Size& size) {
  bytes(loop + "/ceiling-memcpy", size, "libc",
        [](const uint8_t* data, uint64_t bytes) { return std::memcpy(target() + (data - source()), data, bytes); });
}

}  // namespace pfs::bench
