// FNV-1a of many descriptors at once, beside one after the other.
#include <vector>

#include "gram/digest.hpp"
#include "loops.hpp"
#include "measure.hpp"
#include "simd/fnv1a/fnv1a.hpp"

namespace pfs::bench {
namespace {

std::vector<FnvStream> streams(uint64_t count, uint64_t bytes) {
  std::vector<FnvStream> all(count);
  for (uint64_t i = 0; i < count; ++i) all[i] = {source() + i * bytes, bytes, kFnv1a64Basis};
  return all;
}

/// Reports bytes/s of `count` digests of `bytes` each.
template <class Work>
void digests(const std::string& name, uint64_t count, uint64_t bytes, const char* label, Work work) {
  benchmark::RegisterBenchmark((name + "/" + std::to_string(count) + "x" + std::to_string(bytes)).c_str(),
                               [=](benchmark::State& state) {
                                 for (auto _ : state) {
                                   std::vector<FnvStream> all = streams(count, bytes);
                                   work(all);
                                   benchmark::DoNotOptimize(all.data());
                                 }
                                 state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * count * bytes));
                                 state.SetLabel(label);
                               });
}

}  // namespace

void register_fnv1a() {
  for (const uint64_t count : {8, 64}) {
    for (const uint64_t bytes : {64, 4096}) {
      each_variant(fnv1a_many.variants(), [&](const char* who, const char* label, FnvManyFunction* run) {
        digests(std::string("fnv1a/") + who, count, bytes, label, [run](std::span<FnvStream> all) { run(all); });
      });
      digests("fnv1a/one-by-one", count, bytes, "serial", [](std::span<FnvStream> all) {
        for (auto& stream : all) stream.state = fnv1a64(stream.state, {stream.data, stream.bytes});
      });
    }
  }
}

}  // namespace pfs::bench
