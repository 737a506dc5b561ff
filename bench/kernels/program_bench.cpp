// Programs: several kernels for one pass over memory, beside the same kernels one after the other, over contiguous and
// strewn ranges of a blob that no cache holds.
#include <benchmark/benchmark.h>

#include <random>

#include "../simd/measure.hpp"
#include "kernels/execute.hpp"
#include "kernels/read_programs.hpp"
#include "kernels/registry.hpp"

namespace pfs::bench {
namespace {

constexpr uint64_t kGram = 8 << 20;  // denoted bytes a gram

struct Shape {
  const char* name;
  uint64_t range;  ///< bytes of each range
  bool strewn;
};
constexpr Shape kShapes[] = {
    {"contiguous", kGram, false}, {"4KiB", 4096, true}, {"256B", 256, true}, {"64B", 64, true}};

struct List {
  const char* name;
  std::vector<std::string> operations;
};
const List kLists[] = {{"reduce4", {"count_eq_imm8 90", "sum_u8", "min_max_u8", "crc32c"}},
                       {"edit", {"xor_imm8 90", "add_imm8 3", "crc32c", "hist8"}},
                       {"crc2", {"crc32c", "crc64"}}};

/// Grams over the whole region, so that the next one is never in a cache.
class Grams {
 public:
  explicit Grams(const Shape& shape) : data_(source()) {
    std::mt19937_64 random(1);
    const uint64_t ranges = kGram / shape.range;
    tables_.resize(kRegionBytes / kGram);
    for (size_t gram = 0; gram < tables_.size(); ++gram) {
      for (uint64_t i = 0; i < ranges; ++i) {
        const uint64_t offset = shape.strewn ? random() % (kRegionBytes / shape.range) * shape.range : gram * kGram;
        tables_[gram].push_back(blob_range(offset, shape.range));
      }
    }
  }

  KernelInput next() noexcept {
    const std::vector<Descriptor>& table = tables_[at_++ % tables_.size()];
    KernelInput input{.table = table, .bytes = kGram};
    input.blob.data = data_;
    input.blob.layout.size = kRegionBytes;
    return input;
  }

 private:
  std::vector<std::vector<Descriptor>> tables_;
  uint8_t* data_;
  size_t at_ = 0;
};

ProgramDefinition define(const List& list) {
  const std::vector<ProgramConfig> configs = {{kFirstProgram, "bench", list.operations}};
  return read_programs(configs).value().front();
}

void fused(benchmark::State& state, const Shape& shape, const List& list) {
  Grams grams(shape);
  Program program(define(list));
  std::vector<uint8_t> room(kOutputMax);
  for (auto _ : state) {
    KernelOutput output{.bytes = room.data()};
    if (program.run(grams.next(), output) != Status::kDone) state.SkipWithError("refused");
    benchmark::DoNotOptimize(output.value);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * kGram));
}

void in_turn(benchmark::State& state, const Shape& shape, const List& list) {
  Grams grams(shape);
  const ProgramDefinition definition = define(list);
  std::vector<uint8_t> room(kOutputMax);
  for (auto _ : state) {
    KernelInput input = grams.next();
    for (const Operation& operation : definition.operations) {
      input.arg = operation.arg;
      KernelOutput output{.bytes = room.data()};
      operation.kernel->run(input, output);
      benchmark::DoNotOptimize(output.value);
    }
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * kGram));
}

}  // namespace
}  // namespace pfs::bench

int main(int argc, char** argv) {
  using namespace pfs::bench;
  for (const List& list : kLists) {
    for (const Shape& shape : kShapes) {
      const std::string loop = std::string("program-") + list.name;
      const auto named = [&](const char* who) { return loop + "/" + who + "/" + shape.name; };
      benchmark::RegisterBenchmark(named("ours").c_str(), [&](benchmark::State& s) { fused(s, shape, list); });
      benchmark::RegisterBenchmark(named("one-by-one").c_str(), [&](benchmark::State& s) { in_turn(s, shape, list); });
    }
  }
  read_ceiling("program-reduce4", {"contiguous", 8 << 20, kRegionBytes});
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::AddCustomContext("isa", pfs::name(pfs::active_isa()));
  benchmark::RunSpecifiedBenchmarks();
}
