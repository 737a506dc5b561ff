// Frames a second through a Sender and a Receiver on one core: submit, depart, on_frame, next_held, Ack, on_ack. Time
// is virtual and the path is 1 ms long, so that several thousand frames are in flight; loss is decided by a seed.
#include <benchmark/benchmark.h>

#include <deque>

#include "base/splitmix.hpp"
#include "transport/receiver.hpp"
#include "transport/sender.hpp"

namespace {

using namespace pfs::transport;

constexpr uint32_t kFrame = 1500;
constexpr Time kOneWay = 500 * kMicrosecond;
constexpr Time kTick = 2 * kMicrosecond;  // between two looks at the timers; some frames leave in each

struct Sink final : SenderSink {
  void on_arrived(uint64_t token) noexcept override { benchmark::DoNotOptimize(token); }
  void on_given_up(uint64_t) noexcept override {}
};

void run(benchmark::State& state, uint32_t streams, double loss) {
  struct Sent {
    Time at;
    Departure data;
  };
  struct Told {
    Time at;
    Ack ack;
  };
  const Opening opening{.streams = streams, .frames = 4096, .bytes = uint64_t{1} << 40};
  Sink sink;
  Sender sender({.streams = streams, .frames = 65536, .paths = 1}, sink, opening);
  Receiver receiver({.streams = streams, .bytes = uint64_t{1} << 40}, opening);
  sender.add_path(0, {}, 1);
  std::deque<Sent> there;
  std::deque<Told> back;
  pfs::SplitMix64 random(1);
  const auto lost_below = static_cast<uint64_t>(loss * 0x1p64);
  Time now = kSecond;
  uint64_t arrived = 0;
  uint16_t stream = 0;
  Ack ack;
  for (auto _ : state) {
    now += kTick;
    for (; !there.empty() && there.front().at <= now; there.pop_front()) {
      const Departure& data = there.front().data;
      receiver.on_frame(
          {.stream = data.stream, .seq = data.seq, .stamp = data.stamp, .denoted = kFrame, .token = data.token}, now);
      while (receiver.next_held(data.stream)) {
      }
      ++arrived;
    }
    receiver.on_backlog(0, 0, now);
    while (receiver.next_ack(now, ack)) back.push_back({now + kOneWay, ack});
    for (; !back.empty() && back.front().at <= now; back.pop_front()) sender.on_ack(back.front().ack, now);
    sender.on_time(now);
    for (uint32_t i = 0; i < 32; ++i) {
      stream = static_cast<uint16_t>((stream + 1) % streams);
      if (sender.room(stream) != 0 && sender.unacknowledged() < 8192) sender.submit(stream, i, kFrame, kFrame);
    }
    // A link of 32 frames a tick.
    for (uint32_t i = 0; i < 32; ++i) {
      const auto departure = sender.depart(now);
      if (!departure) break;
      if (departure->ping) continue;
      if (loss == 0 || random.next() >= lost_below) there.push_back({now + kOneWay, *departure});
    }
    benchmark::DoNotOptimize(sender.next_event(now));
  }
  state.counters["frames/s"] = benchmark::Counter(static_cast<double>(arrived), benchmark::Counter::kIsRate);
  state.SetItemsProcessed(static_cast<int64_t>(arrived));
}

void BM_OneStream(benchmark::State& state) { run(state, 1, 0); }
void BM_64Streams(benchmark::State& state) { run(state, 64, 0); }
void BM_64StreamsLoss1Percent(benchmark::State& state) { run(state, 64, 0.01); }
BENCHMARK(BM_OneStream);
BENCHMARK(BM_64Streams);
BENCHMARK(BM_64StreamsLoss1Percent);

}  // namespace

BENCHMARK_MAIN();
