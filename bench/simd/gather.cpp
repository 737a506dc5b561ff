// Copying what scattered descriptors denote, beside the plain prefetching loop at several distances.
#include <cstring>
#include <random>
#include <vector>

#include "loops.hpp"
#include "measure.hpp"
#include "simd/gather/gather.hpp"

namespace pfs::bench {
namespace {

constexpr uint64_t kOutput = 128 << 10;  // bytes a call; stays in L2
constexpr uint64_t kCalls = 4096;        // tables in turn, of 512 MiB together: more than an L3 keeps

/// The same tables for every loop of a size.
template <uint64_t kBytes>
const std::vector<Descriptor>& scattered() {
  static const std::vector<Descriptor> all = [] {
    std::mt19937_64 random(kBytes);
    std::vector<Descriptor> made(kOutput / kBytes * kCalls);
    for (auto& descriptor : made) descriptor = blob_range(random() % (kRegionBytes / kBytes) * kBytes, kBytes);
    return made;
  }();
  return all;
}

/// The loop to beat: all lines of a range asked for, `kAhead` ranges before it is copied.
template <uint64_t kBytes, uint64_t kAhead, int kInto>
uint64_t plain(std::span<const Descriptor> table, const uint8_t* blob, const uint8_t* /*slab*/, uint8_t* out) noexcept {
  for (size_t i = 0; i < table.size(); ++i) {
    if (i + kAhead < table.size()) {
      for (uint64_t line = 0; line < kBytes; line += 64)
        __builtin_prefetch(blob + table[i + kAhead].offset + line, 0, kInto);
    }
    std::memcpy(out + i * kBytes, blob + table[i].offset, kBytes);
  }
  return table.size() * kBytes;
}

template <uint64_t kBytes>
void gathers(const std::string& who, const char* label, GatherFunction* run) {
  const std::string name = "gather/" + who + "/" + std::to_string(kBytes) + "B-1GiB";
  benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
    const std::vector<Descriptor>& all = scattered<kBytes>();
    constexpr uint64_t count = kOutput / kBytes;
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
  constexpr int kL1 = 3;
  constexpr int kL2 = 2;
  each_variant(gather_ranges.variants(),
               [](const char* who, const char* label, GatherFunction* run) { gathers<kBytes>(who, label, run); });
  gathers<kBytes>("ceiling-memcpy", "not prefetching", plain<kBytes, kOutput, kL1>);
  const auto ceiling = [](uint64_t ahead, const char* into, GatherFunction* run) {
    gathers<kBytes>("ceiling-ahead-" + std::to_string(ahead) + into, "prefetching loop", run);
  };
  (ceiling(kAheads, "", plain<kBytes, kAheads, kL1>), ...);
  (ceiling(kAheads, "-L2", plain<kBytes, kAheads, kL2>), ...);
}

}  // namespace

void register_gather() {
  all_of<64>(std::integer_sequence<uint64_t, 16, 32, 64, 128>());
  all_of<256>(std::integer_sequence<uint64_t, 8, 16, 32>());
  all_of<4096>(std::integer_sequence<uint64_t, 1, 2, 4>());
}

}  // namespace pfs::bench
