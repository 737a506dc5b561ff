#include "bottleneck.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <random>

#include "cubic.hpp"
#include "stages/impair/line.hpp"
#include "transport/receiver.hpp"
#include "transport/sender.hpp"

namespace pfs::sim {
namespace {

using transport::kNever;

constexpr uint32_t kFrame = 1500;
constexpr uint32_t kOverhead = 24;  // of Ethernet, on the link

/// One end's flow: what it sends goes through `post`, and comes back as arrivals.
class Flow {
 public:
  Flow(Time start) : start_(start) {}
  virtual ~Flow() = default;
  virtual bool depart(Time now) = 0;  ///< a frame leaves; posted_ has its content
  virtual void arrive(Time now) = 0;  ///< the oldest frame on its way comes to the receiver
  virtual void hear(Time now) = 0;    ///< the oldest answer comes to the sender
  virtual void timers(Time now) = 0;
  virtual Time next_event(Time now) const = 0;
  virtual void settle(bool queued, Time out) = 0;  ///< what became of the frame that left
  virtual uint64_t useful() const = 0;

  Time start_;
  std::deque<Time> there_, back_;
  uint64_t sent_ = 0, sent_before_ = 0, useful_before_ = 0;
};

class TcpFlow final : public Flow {
 public:
  using Flow::Flow;
  bool depart(Time now) override { return now >= start_ && tcp_.depart(now, number_); }
  void settle(bool queued, Time out) override {
    if (!queued) return;
    there_.push_back(out);
    numbers_.push_back(number_);
  }
  void arrive(Time) override {
    answers_.push_back(numbers_.front());
    numbers_.pop_front();
    if (seen_.size() <= answers_.back()) seen_.resize(2 * answers_.back() + 1024);
    useful_ += !seen_[answers_.back()];
    seen_[answers_.back()] = true;
    back_.push_back(there_.front());
    there_.pop_front();
  }
  void hear(Time now) override {
    tcp_.on_ack(answers_.front(), now);
    answers_.pop_front();
  }
  void timers(Time now) override { tcp_.on_time(now); }
  Time next_event(Time now) const override { return now < start_ ? start_ : tcp_.next_event(); }
  uint64_t useful() const override { return useful_; }

 private:
  Cubic tcp_;
  uint64_t number_ = 0;
  uint64_t useful_ = 0;
  std::deque<uint64_t> numbers_, answers_;
  std::vector<bool> seen_;
};

class OurFlow final : public Flow, transport::SenderSink {
 public:
  OurFlow(Time start, uint32_t window)
      : Flow(start),
        sender_({.streams = 1, .stream_frames = window, .frames = window, .paths = 1}, *this, opening(window)),
        receiver_({.streams = 1, .stream_frames = window, .held = window}, opening(window)) {
    sender_.add_path(0, {}, start);
  }
  bool depart(Time now) override {
    if (now < start_) return false;
    while (sender_.room(0) != 0) sender_.submit(0, 0, kFrame, kFrame);
    const auto departure = sender_.depart(now);
    if (departure) last_ = *departure;
    return departure.has_value();
  }
  void settle(bool queued, Time out) override {
    if (!queued) return;
    there_.push_back(out);
    frames_.push_back(last_);
  }
  void arrive(Time now) override {
    const transport::Departure frame = frames_.front();
    frames_.pop_front();
    there_.pop_front();
    if (frame.ping) {
      receiver_.on_ping(frame.path, frame.stamp, now);
    } else {
      receiver_.on_frame({.seq = frame.seq, .stamp = frame.stamp, .denoted = kFrame}, now);
      while (receiver_.next_held(0)) {
      }
    }
  }
  void answer(Time now) {
    receiver_.on_backlog(0, 0, now);
    transport::Ack ack;
    while (receiver_.next_ack(now, ack)) {
      acks_.push_back(ack);
      back_.push_back(now);
    }
  }
  void hear(Time now) override {
    sender_.on_ack(acks_.front(), now);
    acks_.pop_front();
  }
  void timers(Time now) override {
    answer(now);
    if (now >= start_) sender_.on_time(now);
  }
  Time next_event(Time now) const override {
    return std::min(receiver_.next_event(), now < start_ ? start_ : sender_.next_event(now));
  }
  uint64_t useful() const override { return receiver_.counters().delivered; }

 private:
  static transport::Opening opening(uint32_t window) { return {.streams = 1, .frames = window}; }
  void on_arrived(uint64_t) noexcept override {}
  void on_given_up(uint64_t) noexcept override {}

  transport::Sender sender_;
  transport::Receiver receiver_;
  transport::Departure last_;
  std::deque<transport::Departure> frames_;
  std::deque<transport::Ack> acks_;
};

}  // namespace

Sharing share(const Bottleneck& link, const std::vector<Competitor>& competitors, Time from, uint64_t seed) {
  std::mt19937_64 random(seed);
  const double bdp = link.megabits * 1e6 / 8 * static_cast<double>(link.round_trip) / 1e9;
  uint32_t window = 4096;
  while (window * double{kFrame} < 4 * (1 + link.queue_bdp) * bdp) window *= 2;
  std::vector<std::unique_ptr<Flow>> flows;
  for (const Competitor& one : competitors) {
    const Time start = 1 + one.start + random() % link.round_trip;
    if (one.cubic)
      flows.push_back(std::make_unique<TcpFlow>(start));
    else
      flows.push_back(std::make_unique<OurFlow>(start, window));
  }
  const double ticks = 8e3 / link.megabits;
  Line line({.ticks_per_byte = ticks, .queue_bytes = std::max(link.queue_bdp * bdp, 5.0 * kFrame)});
  const Time half = link.round_trip / 2;
  Time now = 1;
  Time free_at = 0;
  uint64_t frames = 0, dropped = 0;
  std::vector<uint32_t> waits(1 << 20);  // by microseconds
  uint64_t waited = 0;
  bool counting = false;
  while (now < link.length) {
    if (!counting && now >= from) {
      counting = true;
      for (auto& flow : flows) {
        flow->sent_before_ = flow->sent_;
        flow->useful_before_ = flow->useful();
      }
    }
    Time next = kNever;
    for (auto& flow : flows) {
      while (!flow->there_.empty() && flow->there_.front() <= now) flow->arrive(now);
      while (!flow->back_.empty() && flow->back_.front() + half <= now) {
        flow->back_.pop_front();
        flow->hear(now);
      }
      flow->timers(now);
    }
    for (auto& flow : flows) {
      while (flow->depart(now)) {
        ++flow->sent_;
        ++frames;
        if (link.loss > 0 && static_cast<double>(random() >> 11) * 0x1p-53 < link.loss) {
          flow->settle(false, 0);
          continue;
        }
        const auto out = line.enter(now, kFrame + kOverhead, 0);
        dropped += !out;
        if (counting && out) {
          const Time wait = free_at > now ? free_at - now : 0;
          ++waits[std::min<uint64_t>(wait / 1000, waits.size() - 1)];
          ++waited;
        }
        if (out) free_at = *out;
        flow->settle(out.has_value(), out.value_or(0) + half);
      }
      if (!flow->there_.empty()) next = std::min(next, flow->there_.front());
      if (!flow->back_.empty()) next = std::min(next, flow->back_.front() + half);
      next = std::min(next, flow->next_event(now));
    }
    now = std::max(next, now + (next <= now ? transport::kMicrosecond : 0));
  }
  Sharing sharing;
  for (const auto& flow : flows) {
    const auto useful = static_cast<double>(flow->useful() - flow->useful_before_);
    sharing.flows.push_back(
        {.megabits = useful * kFrame * 8e3 / static_cast<double>(link.length - from),
         .sent_useful = static_cast<double>(flow->sent_ - flow->sent_before_) / std::max(useful, 1.0)});
  }
  sharing.dropped = static_cast<double>(dropped) / static_cast<double>(std::max<uint64_t>(frames, 1));
  uint64_t below = 0;
  for (size_t us = 0; us < waits.size(); ++us)
    if ((below += waits[us]) * 2 >= waited) {
      sharing.median_queue_ms = static_cast<double>(us) / 1000;
      break;
    }
  return sharing;
}

}  // namespace pfs::sim
