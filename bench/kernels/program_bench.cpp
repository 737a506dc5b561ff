// Programs: several kernels for one pass over memory, tile by tile and compiled, beside the same kernels one after the
// other; over contiguous and strewn ranges of a blob that no cache holds, and of one that stays in L2.
#include <benchmark/benchmark.h>

#include <random>

#include "../simd/measure.hpp"
#include "jit/jit.hpp"
#include "kernels/execute.hpp"
#include "kernels/read_programs.hpp"
#include "kernels/registry.hpp"

namespace pfs::bench {
namespace {

struct Shape {
  const char* name;
  uint64_t blob;   ///< bytes that the grams go round in
  uint64_t gram;   ///< bytes that a gram denotes
  uint64_t range;  ///< bytes of each of its ranges
  bool strewn;
};
constexpr uint64_t kGram = 8 << 20;
constexpr uint64_t kLarge = 256 << 20;  // what the second pass over it finds in no L2, and in few L3
constexpr uint64_t kNear = 512 << 10;
constexpr Shape kShapes[] = {{"contiguous", kRegionBytes, kGram, kGram, false},
                             {"contiguous-256MiB", kRegionBytes, kLarge, kLarge, false},
                             {"4KiB", kRegionBytes, kGram, 4096, true},
                             {"256B", kRegionBytes, kGram, 256, true},
                             {"64B", kRegionBytes, kGram, 64, true},
                             {"L2-contiguous", kNear, kNear / 4, kNear / 4, false},
                             {"L2-64B-sorted", kNear, 4096, 64, false}};

struct List {
  const char* name;
  std::vector<std::string> operations;
};
const List kLists[] = {{"reduce4", {"count_eq_imm8 90", "sum_u8", "min_max_u8", "crc32c"}},
                       {"edit", {"xor_imm8 90", "add_imm8 3", "crc32c", "hist8"}},
                       {"reduce3", {"count_eq_imm8 90", "sum_u8", "min_max_u8"}},
                       {"edit2", {"xor_imm8 90", "add_imm8 3"}},
                       {"crc2", {"crc32c", "crc64"}}};

/// Grams over the whole region, so that the next one is never in a cache.
class Grams {
 public:
  explicit Grams(const Shape& shape) : shape_(shape), data_(source()) {
    std::mt19937_64 random(1);
    const uint64_t ranges = shape.gram / shape.range;
    // Ranges that rise but do not touch, every other one, where they are many and not strewn.
    const uint64_t stride = ranges > 1 ? 2 * shape.range : shape.range;
    tables_.resize(shape.blob / (ranges * stride));
    for (size_t gram = 0; gram < tables_.size(); ++gram) {
      for (uint64_t i = 0; i < ranges; ++i) {
        const uint64_t offset =
            shape.strewn ? random() % (shape.blob / shape.range) * shape.range : (gram * ranges + i) * stride;
        tables_[gram].push_back(blob_range(offset, shape.range));
      }
    }
  }

  KernelInput next() noexcept {
    const std::vector<Descriptor>& table = tables_[at_++ % tables_.size()];
    KernelInput input{.table = table, .bytes = shape_.gram};
    input.room = &room_;
    input.blob.data = data_;
    input.blob.layout.size = shape_.blob;
    return input;
  }

 private:
  const Shape& shape_;
  std::vector<std::vector<Descriptor>> tables_;
  uint8_t* data_;
  size_t at_ = 0;
  Room room_;
};

ProgramDefinition define(const List& list) {
  const std::vector<ProgramConfig> configs = {{kFirstProgram, "bench", list.operations}};
  return read_programs(configs).value().front();
}

/// The same program, with its loops compiled beforehand or never.
void fused(benchmark::State& state, const Shape& shape, const List& list, bool compiled) {
  Grams grams(shape);
  ProgramDefinition definition = define(list);
  static Result<Jit> jit = Jit::start();
  for (const LaneGroup& group : definition.groups) {
    if (!compiled) break;
    if (!jit) return state.SkipWithError(jit.error().what.c_str());
    *group.loop = jit->loop(std::span(definition.operations).subspan(group.first, group.count)).value();
  }
  Program program(definition);
  std::vector<uint8_t> room(kOutputMax);
  for (auto _ : state) {
    KernelOutput output{.bytes = room.data()};
    if (program.run(grams.next(), output) != Status::kDone) state.SkipWithError("refused");
    benchmark::DoNotOptimize(output.value);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * shape.gram));
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
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * shape.gram));
}

}  // namespace
}  // namespace pfs::bench

int main(int argc, char** argv) {
  using namespace pfs::bench;
  for (const List& list : kLists) {
    for (const Shape& shape : kShapes) {
      const std::string loop = std::string("program-") + list.name;
      const auto named = [&](const char* who) { return loop + "/" + who + "/" + shape.name; };
      benchmark::RegisterBenchmark(named("ours").c_str(), [&](benchmark::State& s) { fused(s, shape, list, true); });
      benchmark::RegisterBenchmark(named("tiles").c_str(), [&](benchmark::State& s) { fused(s, shape, list, false); });
      benchmark::RegisterBenchmark(named("one-by-one").c_str(), [&](benchmark::State& s) { in_turn(s, shape, list); });
    }
  }
  read_ceiling("program-reduce4", {"contiguous", 8 << 20, kRegionBytes});
  read_ceiling("program-reduce4", {"L2-contiguous", kNear / 4, kNear});
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::AddCustomContext("isa", pfs::name(pfs::active_isa()));
  benchmark::RunSpecifiedBenchmarks();
}
