// A loop whose work can be raised: --work=110 does a tenth more turns than --work=100. tests/bench/test_compare.py.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace {

int64_t work = 100;

void planted(benchmark::State& state) {
  uint64_t value = 1;
  for (auto _ : state) {
    // A chain of multiplications: no memory, nothing for the compiler to shorten, time in proportion to the turns.
    for (int64_t turn = 0; turn < work * 10; ++turn) value = value * 6364136223846793005U + 1442695040888963407U;
    benchmark::DoNotOptimize(value);
  }
}
BENCHMARK(planted);

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i)
    if (std::strncmp(argv[i], "--work=", 7) == 0) work = std::strtol(argv[i] + 7, nullptr, 10);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
