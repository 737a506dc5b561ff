#include "world.hpp"

#include <algorithm>
#include <map>

namespace pfs::sim {
namespace {

using transport::Ack;
using transport::kNever;
using transport::kSecond;

constexpr Time kPatience = 60 * kSecond;  // of virtual time after the faults have ended

struct Packet {
  bool is_ack = false;
  bool is_ping = false;
  transport::Departure data;
  Ack ack;
};

/// A link with what is on its way, in virtual time.
class Link {
 public:
  Link(const LinkConfig& config, uint64_t seed)
      : dice_(with_seed(config.dice, seed)), line_(config.line), config_(config) {}

  /// The times at which the packet comes out: none if it is lost, two if it is doubled.
  std::vector<Time> carry(Time now, uint32_t bytes, bool faults) {
    const Fate fate = dice_.roll();
    if (faults && (line_.black(now) || fate.lost || fate.corrupted || fate.trimmed)) return {};
    const auto out =
        line_.immediate() ? std::optional<Time>(now) : line_.enter(now, bytes + 24, faults ? fate.jitter : 0);
    if (!out) return {};
    const Time late = faults && fate.delayed ? fate.overtakers * 50 * transport::kMicrosecond : 0;
    std::vector<Time> times = {*out + late};
    if (faults && fate.doubled) times.push_back(*out + late + 1);
    return times;
  }

 private:
  static DiceConfig with_seed(DiceConfig dice, uint64_t seed) {
    dice.seed = seed;
    return dice;
  }
  Dice dice_;
  Line line_;
  LinkConfig config_;
};

class World final : transport::SenderSink {
 public:
  World(const Scenario& scenario, uint64_t seed)
      : scenario_(scenario),
        random_(seed),
        sender_(scenario.sender, *this, scenario.opening),
        receiver_(scenario.receiver, scenario.opening) {
    for (size_t path = 0; path < scenario.there.size(); ++path) {
      there_.emplace_back(scenario.there[path], random_());
      back_.emplace_back(scenario.back[path], random_());
      sender_.add_path(static_cast<uint8_t>(path), scenario.path, now_);
    }
    submitted_.resize(scenario.streams);
    delivered_.resize(scenario.streams);
    here_.resize(scenario.streams * scenario.frames);
    acknowledged_.resize(scenario.streams * scenario.frames);
  }

  Outcome run() {
    uint32_t forged = 0;
    while (outcome_.broken.empty()) {
      if (forged < scenario_.forged_acks && random_() % 64 == 0) {
        forge();
        ++forged;
      }
      pump();
      if (arrived_ == uint64_t{scenario_.streams} * scenario_.frames) break;
      const Time next = std::min({sender_.next_event(now_), receiver_.next_event(),
                                  packets_.empty() ? kNever : packets_.begin()->first,
                                  consumption_.empty() ? kNever : consumption_.begin()->first});
      if (next == kNever) {
        outcome_.broken = "nothing is left to happen, and frames are missing";
        break;
      }
      // Timers that are due now have been served: whoever says `now` again has to move within a microsecond.
      now_ = std::max(next, now_ + (next <= now_ ? transport::kMicrosecond : 0));
      const Time turn = scenario_.runs + scenario_.stands;
      if (scenario_.stands != 0 && now_ % turn >= scenario_.runs) now_ += turn - now_ % turn;
      if (now_ > scenario_.faults_end + kPatience) outcome_.broken = "not done long after the faults have ended";
    }
    outcome_.took = now_;
    outcome_.sender = sender_.counters();
    outcome_.receiver = receiver_.counters();
    return outcome_;
  }

 private:
  [[nodiscard]] bool faults() const { return now_ < scenario_.faults_end; }

  void pump() {
    while (!consumption_.empty() && consumption_.begin()->first <= now_) {
      in_use_ -= consumption_.begin()->second;
      consumption_.erase(consumption_.begin());
      receiver_.on_backlog(in_use_, 0, now_);
    }
    while (!packets_.empty() && packets_.begin()->first <= now_) {
      const Packet packet = packets_.begin()->second;
      packets_.erase(packets_.begin());
      packet.is_ack ? sender_.on_ack(packet.ack, now_) : arrive(packet);
    }
    sender_.on_time(now_);
    submit();
    while (const auto departure = sender_.depart(now_)) {
      Packet packet{.is_ping = departure->ping, .data = *departure};
      post(there_[departure->path], departure->ping ? 64 : scenario_.frame_bytes, packet);
    }
    Ack ack;
    while (receiver_.next_ack(now_, ack)) {
      ack.stamp &= ~uint64_t{63};  // the wire's steps
      ack.held &= ~uint64_t{63};
      post(back_[ack.path], 100, Packet{.is_ack = true, .ack = ack});
    }
    if (receiver_.held() > scenario_.receiver.held) outcome_.broken = "more frames are held than may be";
    if (sender_.unacknowledged() > scenario_.sender.frames) outcome_.broken = "more frames are in flight than may be";
  }

  void post(Link& link, uint32_t bytes, const Packet& packet) {
    const std::vector<Time> times = link.carry(now_, bytes, faults());
    outcome_.lost += times.empty();
    for (const Time time : times) packets_.emplace(time, packet);
  }

  void submit() {
    for (uint16_t stream = 0; stream < scenario_.streams; ++stream)
      while (submitted_[stream] < scenario_.frames && sender_.room(stream) != 0) {
        const uint64_t token = uint64_t{stream} * scenario_.frames + submitted_[stream]++;
        sender_.submit(stream, token, scenario_.frame_bytes, scenario_.denoted);
      }
  }

  void arrive(const Packet& packet) {
    const transport::Departure& data = packet.data;
    if (packet.is_ping) return receiver_.on_ping(data.path, data.stamp, now_);
    using Verdict = transport::Receiver::Verdict;
    const Verdict verdict = receiver_.on_frame({.stream = data.stream,
                                                .path = data.path,
                                                .seq = data.seq,
                                                .stamp = data.stamp,
                                                .denoted = scenario_.denoted,
                                                .token = data.token},
                                               now_);
    if (verdict == Verdict::kDeliver || verdict == Verdict::kHold) here_[data.token] = true;
    if (verdict != Verdict::kDeliver) return;
    deliver(data.stream, data.token);
    while (const auto held = receiver_.next_held(data.stream)) deliver(data.stream, *held);
  }

  void deliver(uint16_t stream, uint64_t token) {
    const uint64_t expected = uint64_t{stream} * scenario_.frames + delivered_[stream]++;
    if (token != expected) outcome_.broken = "a frame was delivered out of order, or twice";
    if (last_delivery_ != 0) outcome_.longest_pause = std::max(outcome_.longest_pause, now_ - last_delivery_);
    last_delivery_ = now_;
    in_use_ += scenario_.denoted;
    // One frame beyond the grant may be on its way when the grant is used up, for each stream.
    if (in_use_ > scenario_.receiver.bytes + granted_slack())
      outcome_.broken = "more denoted bytes are here than were granted";
    receiver_.on_backlog(in_use_, 0, now_);
    ready_ = std::max(ready_, now_) + scenario_.consume;
    consumption_.emplace(ready_, scenario_.denoted);
  }

  [[nodiscard]] uint64_t granted_slack() const { return scenario_.denoted + (uint64_t{64} << 20); }

  void on_arrived(uint64_t token) noexcept override {
    if (acknowledged_[token]) outcome_.broken = "a frame was acknowledged twice";
    acknowledged_[token] = true;
    ++arrived_;
    if (!here_[token] && scenario_.forged_acks == 0) outcome_.broken = "a frame was acknowledged that is not here";
  }

  void on_given_up(uint64_t) noexcept override { outcome_.broken = "a frame was given up"; }

  /// An Ack that no receiver of ours has made: it may cost its session frames, but break nothing.
  void forge() {
    Ack ack;
    ack.stream = static_cast<uint16_t>(random_());
    if (random_() % 2 == 0) ack.stream %= scenario_.streams;
    ack.path = static_cast<uint8_t>(random_() % 4);
    ack.next = static_cast<uint32_t>(random_());
    ack.first = static_cast<uint32_t>(random_());
    ack.words = static_cast<uint32_t>(random_() % 80);
    for (uint64_t& word : ack.map) word = random_();
    ack.frames = static_cast<uint32_t>(random_());
    ack.bytes = random_();
    ack.stamp = random_() % 2 == 0 ? random_() : now_ / 2;
    ack.held = random_() % 2 == 0 ? random_() : 0;
    sender_.on_ack(ack, now_);
  }

  const Scenario scenario_;
  std::mt19937_64 random_;
  transport::Sender sender_;
  transport::Receiver receiver_;
  std::vector<Link> there_, back_;
  std::multimap<Time, Packet> packets_;
  std::multimap<Time, uint64_t> consumption_;
  std::vector<uint32_t> submitted_, delivered_;
  std::vector<bool> here_, acknowledged_;
  uint64_t arrived_ = 0;
  uint64_t in_use_ = 0;
  Time now_ = 1;
  Time ready_ = 0;
  Time last_delivery_ = 0;
  Outcome outcome_;
};

}  // namespace

Outcome run(const Scenario& scenario, uint64_t seed) { return World(scenario, seed).run(); }

Scenario draw(uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto one_of = [&]<class T>(std::initializer_list<T> values) {
    return values.begin()[random() % values.size()];
  };
  const auto maybe = [&](double value) { return random() % 2 == 0 ? 0.0 : value; };
  Scenario s;
  s.streams = one_of({1u, 1u, 2u, 5u});
  s.frames = one_of({1u, 3u, 60u, 200u, 500u});
  s.frame_bytes = one_of({64u, 1500u, 9000u});
  s.denoted = one_of({uint64_t{64}, uint64_t{65536}, uint64_t{1 << 20}});
  s.consume = one_of({Time{0}, Time{0}, Time{5'000}, Time{200'000}});
  s.faults_end = one_of({Time{0}, Time{kSecond / 10}, Time{2 * kSecond}});
  s.sender.streams = s.receiver.streams = s.opening.streams = s.streams;
  s.sender.stream_frames = s.receiver.stream_frames = one_of({64u, 256u, 4096u});
  s.sender.frames = one_of({16u, 256u, 4096u});
  s.receiver.held = one_of({8u, 64u, 4096u});
  s.receiver.bytes = one_of({uint64_t{1 << 20}, uint64_t{uint64_t{1} << 30}});
  s.opening.first_seq = one_of({0u, 0xFFFFFF80u, 0x7FFFFFC0u});
  s.sender.paths = one_of({1u, 1u, 2u, 4u});
  s.path.least_timeout = one_of({Time{200'000}, Time{10'000'000}});
  const bool clean = random() % 8 == 0;
  for (uint32_t path = 0; path < 2 * s.sender.paths; ++path) {
    LinkConfig link;
    if (!clean) {
      link.dice.loss = maybe(one_of({0.001, 0.01, 0.1, 0.3}));
      link.dice.burst_enter = maybe(one_of({0.001, 0.02}));
      link.dice.burst_leave = one_of({0.3, 0.03, 0.001});
      link.dice.duplicate = maybe(one_of({0.01, 0.3}));
      link.dice.reorder = maybe(one_of({0.01, 0.3}));
      link.dice.corrupt = maybe(0.01);
      link.dice.depth = one_of({1u, 8u, 200u});
      if (random() % 6 == 0) {
        link.line.black_every = one_of({uint64_t{kSecond / 10}, uint64_t{kSecond}});
        link.line.black_for = link.line.black_every * one_of({uint64_t{10}, uint64_t{70}}) / 100;
      }
    }
    link.line.delay = one_of({uint64_t{0}, uint64_t{10'000}, uint64_t{1'000'000}, uint64_t{20'000'000}});
    link.line.jitter = link.line.delay / one_of({1, 4, 1000});
    link.line.ticks_per_byte = one_of({0.0, 0.8, 8.0, 80.0});
    link.line.queue_bytes = one_of({20e3, 1e6});
    (path < s.sender.paths ? s.there : s.back).push_back(link);
  }
  s.forged_acks = 0;
  return s;
}

}  // namespace pfs::sim
