// Cycles to put in-sequence frames together: take() alone, into grams that the sink hands straight back. Frames lie in
// a buffer that does not fit L1, as a receive ring's do. TSC cycles, not core cycles.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include "gram/assembling/assembler.hpp"
#include "wire/frame.hpp"
#include "wire/unit.hpp"

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace {

using namespace pfs;

uint64_t cycles() noexcept {
#if defined(__x86_64__)
  return __rdtsc();
#else
  return static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}

struct ReleasingSink final : AssemblerSink {
  uint64_t descriptors = 0;
  void on_gram(Gram& gram) noexcept override {
    descriptors += gram.table.count;
    gram.release();
  }
  bool serve() noexcept override { return false; }  // grams are released at once
  void on_released(void* /*owner*/) noexcept override {}
  void on_result(uint16_t /*stream*/, const ResultUnit& /*unit*/) noexcept override {}
  void on_ack(uint16_t /*stream*/, const AckUnit& /*unit*/) noexcept override {}
  void on_receipt(uint16_t /*stream*/, const ReceiptUnit& /*unit*/) noexcept override {}
};

constexpr uint32_t kFramesPerGram = 64;
constexpr uint32_t kFrames = 2048;  // a batch; at 64 bytes 128 KiB

/// A batch of frames of `payload` bytes, each one L3 run of `references`, sequential or scattered.
class Batch {
 public:
  Batch(uint32_t payload, uint32_t references, bool sequential, bool crc) : payload_(payload) {
    bytes_.resize(size_t{kFrames} * payload);
    uint32_t block = 0;
    for (uint32_t i = 0; i < kFrames; ++i) {
      uint8_t* at = &bytes_[size_t{i} * payload];
      uint8_t* unit = at + kFrameHeaderBytes;
      if (i % kFramesPerGram == 0) {
        *unit = 0xD0;
        unit += 1 + kGramBytes;
      } else if (i % kFramesPerGram == kFramesPerGram - 1) {
        *unit = 0xD1;
        unit += 1 + kGramEndBytes;
      } else {
        *unit++ = static_cast<uint8_t>(0x80 | (references > 63 ? 63 : references - 1));
        if (references > 63) {
          store_be(unit, static_cast<uint16_t>(references - 1));
          unit += 2;
        }
        for (uint32_t r = 0; r < references; ++r, unit += 4) {
          block = sequential ? block + 1 : block * 1664525 + 1013904223;
          store_be(unit, block % 16384);
        }
      }
      write_frame(at, {.flags = crc ? kFlagCrc : uint8_t{0},
                       .frag = static_cast<uint16_t>(i % kFramesPerGram),
                       .length = static_cast<uint16_t>(unit - at - kFrameHeaderBytes)});
    }
  }

  void number(uint32_t seq) {
    for (uint32_t i = 0; i < kFrames; ++i) {
      uint8_t* at = &bytes_[size_t{i} * payload_];
      store_be(at + 4, seq + i);
      store_be(at + 8, (seq + i) / kFramesPerGram);
    }
  }

  [[nodiscard]] ReceivedFrame frame(uint32_t i) const {
    return {.payload = &bytes_[size_t{i} * payload_], .bytes = payload_, .headers = {headers_, 14}};
  }

 private:
  std::vector<uint8_t> bytes_;
  uint32_t payload_;
  uint8_t headers_[14] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x13, 0x37};
};

/// Arguments: payload bytes, references a frame, sequential, CRC.
void take_frames(benchmark::State& state) {
  Batch batch(static_cast<uint32_t>(state.range(0)), static_cast<uint32_t>(state.range(1)), state.range(2) != 0,
              state.range(3) != 0);
  const GramPool::Config shape{.grams = 8, .descriptors = 32768, .slab_bytes = 4096};
  const size_t bytes = GramPool::memory_bytes(shape);
  std::unique_ptr<uint8_t, decltype(&std::free)> memory(static_cast<uint8_t*>(std::aligned_alloc(64, bytes)),
                                                        std::free);
  GramPool pool(shape, {memory.get(), bytes});
  ReleasingSink sink;
  const BlobView blob{.layout = {.size = 2 << 20}};
  Assembler assembler({}, blob, pool, sink);
  uint32_t seq = 0;
  std::vector<double> spent;  // cycles a frame, by batch; the median, since other work on the machine interrupts some
  for (auto _ : state) {
    batch.number(seq);
    const auto start = std::chrono::steady_clock::now();
    const uint64_t from = cycles();
    for (uint32_t i = 0; i < kFrames; ++i) assembler.take(batch.frame(i), from);
    spent.push_back(static_cast<double>(cycles() - from) / kFrames);
    state.SetIterationTime(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    seq += kFrames;
  }
  const AssemblerCounters& counters = assembler.counters();
  if (counters.frames_out.get() != counters.frames_in.get()) state.SkipWithError("frames were dropped");
  const auto middle = spent.begin() + static_cast<ptrdiff_t>(spent.size() / 2);
  std::nth_element(spent.begin(), middle, spent.end());
  const auto frames = static_cast<double>(state.iterations()) * kFrames;
  state.counters["cycles/frame"] = *middle;
  state.counters["frames/s"] = benchmark::Counter(frames, benchmark::Counter::kIsRate);
}

BENCHMARK(take_frames)
    ->ArgNames({"payload", "references", "sequential", "crc"})
    ->Args({64, 8, 1, 1})
    ->Args({64, 8, 1, 0})
    ->Args({64, 8, 0, 1})
    ->Args({1500, 367, 1, 1})
    ->Args({1500, 367, 1, 0})
    ->Args({1500, 367, 0, 1})
    ->UseManualTime();

}  // namespace

BENCHMARK_MAIN();
