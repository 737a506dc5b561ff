// Copying what scattered descriptors denote, beside the plain prefetching loop at several distances.
#include <cstring>
#include <random>
#include <vector>

#include "loops.hpp"
#include "measure.hpp"
#include "simd/gather/gather.hpp"

namespace pfs::bench {
namespace {

constexpr uint64_t kRange = uint64_t{512} << 20;  // bytes that the descriptors scatter over
constexpr uint64_t kOutput = 128 << 10;           // bytes a call; stays in L2
constexpr uint64_t kCalls = 512;                  // tables, one after the other, so that none is still in a cache

std::vector<Descriptor> scattered(uint64_t bytes) {
  std::mt19937_64 random(bytes);
  std::vector<Descriptor> all(kOutput / bytes * kCalls);
  for (auto& descriptor : all) descriptor = blob_range(random() % (kRange / bytes) * bytes, bytes);
  return all;
}

/// The loop to beat: all lines of a range asked for `kAhead` bytes' worth of ranges before it is copied.
template <uint64_t kBytes, uint64_t kAhead>
uint64_t plain(std::span<const Descriptor> table, const uint8_t* blob, const uint8_t* /*slab*/, uint8_t* out) noexcept {
  for (size_t i = 0; i < table.size(); ++i) {
    if (i + kAhead < table.size()) {
      for (uint64_t line = 0; line < kBytes; line += 64) __builtin_prefetch(blob + table[i + kAhead].offset + line);
    }
    std::memcpy(out + i * kBytes, blob + table[i].offset, kBytes);
  }
  return table.size() * kBytes;
}

void gathers(const std::string& name, uint64_t bytes, const char* label, GatherFunction* run) {
  benchmark::RegisterBenchmark((name + "/" + std::to_string(bytes) + "B").c_str(), [=](benchmark::State& state) {
    const std::vector<Descriptor> all = scattered(bytes);
    const uint64_t count = kOutput / bytes;
    const uint8_t* const blob = source();
    uint8_t* const out = target();
    uint64_t call = 0;
    for (auto _ : state) {
      uint64_t copied = run({&all[call * count], count}, blob, nullptr, out);
      benchmark::DoNotOptimize(copied);
      benchmark::ClobberMemory();
      call = (call + 1) % kCalls;
    }
    state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * kOutput));
    state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kOutput / 64));  // lines
    state.SetLabel(label);
  });
}

template <uint64_t kBytes, uint64_t... kAheads>
void all_of(std::integer_sequence<uint64_t, kAheads...> /*aheads*/) {
  each_variant(gather_variants(), [&](const char* who, const char* label, GatherFunction* run) {
    gathers(std::string("gather/") + who, kBytes, label, run);
  });
  (gathers("gather/ceiling-ahead-" + std::to_string(kAheads), kBytes, "prefetching loop", plain<kBytes, kAheads>), ...);
}

}  // namespace

void register_gather() {
  all_of<64>(std::integer_sequence<uint64_t, 0, 8, 16, 32, 64>());
  all_of<256>(std::integer_sequence<uint64_t, 0, 4, 8, 16, 32>());
  all_of<4096>(std::integer_sequence<uint64_t, 0, 1, 2, 4>());
}

}  // namespace pfs::bench
