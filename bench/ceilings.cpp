// ceilings: what this machine's memory gives one core, as JSON: reading DRAM, copying DRAM to DRAM, reading L2.
#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <span>

#include "kernels/sum_u64/loop.hpp"
#include "simd/cpu.hpp"

namespace {

constexpr size_t kDram =
    size_t{512} << 20;  // bytes; beyond this machine kind's share of L3 that one core can keep warm
constexpr size_t kL2 = size_t{512} << 10;
constexpr int kRounds = 7;

uint8_t* reserve(size_t bytes) {
  void* memory =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_POPULATE, -1, 0);
  if (memory == MAP_FAILED) {
    memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return nullptr;
    madvise(memory, bytes, MADV_HUGEPAGE);
  }
  std::memset(memory, 1, bytes);
  return static_cast<uint8_t*>(memory);
}

template <class Work>
double best_gbps(size_t bytes, Work work) {
  double best = 0;
  for (int round = 0; round < kRounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    best = std::max(best, static_cast<double>(bytes) / seconds / 1e9);
  }
  return best;
}

volatile uint64_t sink;  // what is computed must be wanted by somebody

}  // namespace

int main() {
  uint8_t* from = reserve(kDram);
  uint8_t* to = reserve(kDram);
  if (from == nullptr || to == nullptr) {
    fmt::print(stderr, "ceilings: no memory for two times {} bytes\n", kDram);
    return 1;
  }
  const double read = best_gbps(kDram, [&] { sink = pfs::sum_u64(from, kDram); });
  const double copy = best_gbps(kDram, [&] { std::memcpy(to, from, kDram); });
  constexpr size_t kTurns = 2000;
  const double l2 = best_gbps(kL2 * kTurns, [&] {
    for (size_t turn = 0; turn < kTurns; ++turn) sink = pfs::sum_u64(from, kL2);
  });
  fmt::print("{{\"read_gbps\": {:.2f}, \"copy_gbps\": {:.2f}, \"read_l2_gbps\": {:.2f}, \"isa\": \"{}\"}}\n", read,
             copy, l2, pfs::name(pfs::active_isa()));
  return 0;
}
