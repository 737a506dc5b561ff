#include <random>

#include "village.hpp"

namespace pfs::sim {
namespace {

using transport::kMicrosecond;
using transport::kMillisecond;
using transport::kSecond;

class Draw {
 public:
  explicit Draw(uint64_t seed) : random_(seed) {}

  template <class T>
  T one_of(std::initializer_list<T> values) {
    return values.begin()[random_() % values.size()];
  }
  bool chance(uint64_t one_in) { return random_() % one_in == 0; }
  double maybe(double value) { return chance(2) ? 0.0 : value; }
  uint64_t below(uint64_t most) { return random_() % most; }

  Way way(uint32_t from, uint32_t to, uint32_t port, bool clean) {
    Way way{.from = from, .to = to, .port = port, .dice = {}, .line = {}};
    if (!clean) {
      way.dice.loss = maybe(one_of({0.001, 0.01, 0.1, 0.3}));
      way.dice.burst_enter = maybe(one_of({0.001, 0.02}));
      way.dice.burst_leave = one_of({0.3, 0.03, 0.005});
      way.dice.duplicate = maybe(one_of({0.01, 0.3}));
      way.dice.reorder = maybe(one_of({0.01, 0.3}));
      way.dice.depth = one_of({1u, 8u, 200u});
      way.dice.corrupt = maybe(one_of({0.01, 0.1}));
      way.dice.trim = maybe(one_of({0.01, 0.1}));
      if (chance(8)) {
        way.line.black_every = one_of({uint64_t{kSecond / 10}, uint64_t{kSecond}, uint64_t{7 * kSecond}});
        way.line.black_for = way.line.black_every * one_of({uint64_t{10}, uint64_t{71}}) / 100;
      }
    }
    way.line.delay =
        one_of({uint64_t{0}, uint64_t{10 * kMicrosecond}, uint64_t{kMillisecond}, uint64_t{20 * kMillisecond}});
    way.line.jitter = way.line.delay / one_of({1, 4, 1000});
    way.line.ticks_per_byte = one_of({0.0, 0.0, 0.8, 8.0, 80.0});
    way.line.queue_bytes = one_of({20e3, 1e6});
    return way;
  }

 private:
  std::mt19937_64 random_;
};

}  // namespace

Village draw_village(uint64_t seed) {
  Draw draw(seed);
  Village v;
  v.seed = seed;
  v.nodes = draw.one_of({2u, 2u, 2u, 3u, 3u, 5u, 8u});
  v.ports = draw.one_of({1u, 1u, 2u, 3u});
  v.payload = draw.one_of({1500u, 1500u, 700u});
  v.sessions = draw.one_of({8u, 8u, 16u});
  v.half_open = draw.one_of({1u, 4u});
  v.stream_frames = draw.one_of({64u, 256u});
  v.frames = draw.one_of({16u, 256u});
  v.held = draw.one_of({8u, 64u, 256u});
  v.bytes = draw.one_of({uint64_t{1 << 16}, uint64_t{1 << 30}});
  v.denoted = draw.one_of({uint64_t{64}, uint64_t{20'000}});
  v.consume = draw.one_of({Time{0}, Time{0}, Time{100 * kMicrosecond}});
  v.faults_end = draw.one_of({Time{0}, Time{kSecond / 10}, Time{kSecond}, Time{4 * kSecond}});
  if (draw.chance(6)) v.hold = draw.one_of({Time{kMillisecond}, Time{50 * kMillisecond}, Time{kSecond}});
  const uint32_t most = v.nodes <= 3 ? 120 : 30;
  const bool to_one = draw.chance(2);
  for (uint32_t node = 1; node < v.nodes; ++node) {
    Transfer t;
    t.from = node;
    t.to = to_one ? 0 : static_cast<uint32_t>(draw.below(node));
    if (draw.chance(4)) std::swap(t.from, t.to);
    t.streams = draw.one_of({1u, 2u, 4u});
    t.frames = static_cast<uint32_t>(1 + draw.below(most));
    t.bytes = draw.one_of({80u, 300u, 1500u});
    t.replies = draw.one_of({0u, 1u, 8u});
    t.start = draw.one_of({Time{0}, Time{50 * kMillisecond}});
    if (v.ports > 1 && draw.chance(3)) t.later = static_cast<uint32_t>(1 + draw.below(v.ports - 1));
    if (v.ports > 1 && draw.chance(3)) t.drops = 1;
    v.transfers.push_back(t);
  }
  const bool clean = draw.chance(8);
  for (const Transfer& t : v.transfers)
    for (uint32_t port = 0; port < v.ports; ++port) {
      v.ways.push_back(draw.way(t.from, t.to, port, clean));
      v.ways.push_back(draw.way(t.to, t.from, port, clean));
    }
  while (draw.chance(3) && v.restarts.size() < 4)
    v.restarts.push_back({.node = static_cast<uint32_t>(draw.below(v.nodes)),
                          .at = draw.below(v.faults_end + 100 * kMillisecond),
                          .down = draw.one_of({Time{0}, Time{10 * kMillisecond}, Time{4 * kSecond}})});
  if (draw.chance(3)) {
    v.hostile.kinds = static_cast<uint32_t>(1 + draw.below(31));
    v.hostile.every = draw.one_of({Time{20 * kMicrosecond}, Time{kMillisecond}});
    v.faults_end = std::min(v.faults_end, v.hostile.every * 5000);
  }
  return v;
}

}  // namespace pfs::sim
