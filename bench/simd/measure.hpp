#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "simd/loop.hpp"

/// How the loops' benches are written. A bench is named loop/who/size: `ours` is what the dataplane runs (the label
/// says which variant that was), an ISA's name is one of our lower variants (`scalar`: the plain C++, compiled -O3),
/// `ceiling-...` is what the machine allows, anything else is a peer: what one would take instead.
namespace pfs::bench {

/// How much memory a loop goes round in, and how much of it a call takes.
struct Size {
  const char* name;
  uint64_t chunk;   ///< bytes a call
  uint64_t region;  ///< bytes; a multiple of the chunk, at most kRegionBytes
};

constexpr uint64_t kRegionBytes = uint64_t{1} << 30;  // twice the largest L3 that one of our machines has
constexpr Size kL1{"16KiB", 16 << 10, 16 << 10};
constexpr Size kL2{"512KiB", 512 << 10, 512 << 10};
constexpr Size kDram{"1GiB", 8 << 20, kRegionBytes};

/// Two regions of kRegionBytes of random bytes, on large pages where the system gives them. Made when first asked for.
uint8_t* source();
uint8_t* target();

/// Registers a bench of work(data, bytes), whose result is kept. Reports bytes/s. The data are where() has them:
/// source(), which nobody writes, or for work that writes them target().
template <class Work>
void bytes(const std::string& name, const Size& size, const char* label, Work work, uint8_t* (*where)() = source) {
  benchmark::RegisterBenchmark((name + "/" + size.name).c_str(), [=](benchmark::State& state) {
    source();
    target();
    uint8_t* const data = where();
    uint64_t at = 0;
    for (auto _ : state) {
      auto result = work(data + at, size.chunk);
      benchmark::DoNotOptimize(result);
      at += size.chunk;
      if (at == size.region) at = 0;
    }
    state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * size.chunk));
    state.SetLabel(label);
  });
}

/// Registers a bench of make(), which prepares once and returns the work of one call: `count` items. Reports items/s.
template <class Make>
void items(const std::string& name, uint64_t count, const char* label, Make make) {
  benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
    auto work = make();
    for (auto _ : state) {
      auto result = work();
      benchmark::DoNotOptimize(result);
      benchmark::ClobberMemory();
    }
    state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * count));
    state.SetLabel(label);
  });
}

/// Calls with_variant(who, label, run) for the variant in force, as `ours`, and for each below it.
template <class Function, class WithVariant>
void each_variant(std::span<const Variant<Function>> variants, WithVariant with_variant) {
  const Variant<Function>* ours = nullptr;
  for (const auto& variant : variants) {
    if (variant.isa > active_isa()) continue;
    if (ours != nullptr) with_variant(name(ours->isa), name(ours->isa), ours->run);
    ours = &variant;
  }
  with_variant("ours", name(ours->isa), ours->run);
}

/// The two ceilings of a loop over bytes: reading them, and copying them elsewhere.
void read_ceiling(const std::string& loop, const Size& size);
void copy_ceiling(const std::string& loop, const Size& size);

}  // namespace pfs::bench
