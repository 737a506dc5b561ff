// simd_bench: every loop of lib/simd beside what limits it and what one would take instead.
#include <benchmark/benchmark.h>

#include <vector>

#include "loops.hpp"
#include "simd/cpu.hpp"

int main(int argc, char** argv) {
  using namespace pfs::bench;
  // Short by default, so that the lot takes a minute or two; a flag on the command line comes later and wins.
  char shortest[] = "--benchmark_min_time=0.05";
  std::vector<char*> arguments(argv, argv + argc);
  arguments.insert(arguments.begin() + 1, shortest);
  int count = static_cast<int>(arguments.size());

  register_crc16();
  register_decode();
  register_extents();
  register_fnv1a();
  register_gather();
  register_hist8();
  register_in_place();
  register_merkle();
  register_pack();
  register_reductions();
  register_sha256();
  register_splitmix();
  register_unpack();

  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 1;
  benchmark::AddCustomContext("isa", pfs::name(pfs::active_isa()));
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
