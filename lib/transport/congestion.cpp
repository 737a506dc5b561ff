#include "transport/congestion.hpp"

#include <algorithm>

namespace pfs::transport {
namespace {

constexpr double kStartupGain = 2.885;  // 2 / ln 2: the smallest that doubles the rate every round trip
constexpr double kWindowGain = 2;       // acknowledgements come late and together
constexpr std::array kProbeGains = {1.25, 0.75, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0};
constexpr double kGrowth = 1.25;          // a round that gains less has found the rate
constexpr double kOverrun = 0.4;          // of what arrived in a round: who loses so much sends twice too fast
constexpr double kLossRounds = 8;         // over which the loss is smoothed
constexpr double kMostLoss = 0.35;        // that a probe makes up for
constexpr uint32_t kFullRounds = 3;       // so many of them
constexpr uint64_t kFirstWindow = 65536;  // bytes, before anything is known; 43 frames of 1,514 bytes
constexpr uint64_t kLeastWindow = 4 * uint64_t{9018};
constexpr Time kFirstRtt = kMillisecond;
constexpr Time kRttLives = 10 * kSecond;
constexpr Time kProbeRttLasts = 200 * kMillisecond;

}  // namespace

void Congestion::on_sample(const RateSample& sample, Time now) noexcept {
  if (sample.interval != 0) {
    const double rate =
        static_cast<double>(sample.delivered - sample.delivered_then) / static_cast<double>(sample.interval);
    double& largest = rates_[round_ % kRounds];
    // What was sent below the path's rate says only that the path carries at least so much.
    if (!sample.limited || rate > this->rate()) largest = std::max(largest, rate);
  }
  if (sample.delivered_then >= round_ends_) on_round(sample, now);
}

void Congestion::on_round(const RateSample& sample, Time now) noexcept {
  const double rate = this->rate();
  if (mode_ == Mode::kStartup && !sample.limited) {
    full_rounds_ = rate >= full_rate_ * kGrowth ? 0 : full_rounds_ + 1;
    if (full_rounds_ == 0) full_rate_ = rate;
    const bool overrun = static_cast<double>(lost_) > kOverrun * static_cast<double>(sample.delivered - round_began_);
    if (full_rounds_ >= kFullRounds || overrun) mode_ = Mode::kDrain;
  } else if (mode_ == Mode::kDrain || (mode_ == Mode::kProbeRtt && now >= probe_rtt_ends_)) {
    mode_ = Mode::kProbe;
  }
  const auto arrived = static_cast<double>(sample.delivered - round_began_);
  loss_ += (static_cast<double>(lost_) / (static_cast<double>(lost_) + arrived + 1) - loss_) / kLossRounds;
  round_began_ = round_ends_ = sample.delivered;
  lost_ = 0;
  phase_ = (phase_ + 1) % kProbeGains.size();
  ++round_;
  rates_[round_ % kRounds] = 0;
}

void Congestion::on_round_trip(Time rtt, Time now) noexcept {
  const bool stale = now - min_rtt_seen_ > kRttLives;
  if (min_rtt_ == 0 || rtt <= min_rtt_ || (stale && mode_ == Mode::kProbeRtt)) {
    min_rtt_ = rtt;
    min_rtt_seen_ = now;
  } else if (stale && mode_ == Mode::kProbe) {
    mode_ = Mode::kProbeRtt;  // our own queue may hide the path's round trip, so the queue is emptied for a moment
    probe_rtt_ends_ = now + kProbeRttLasts;
  }
}

void Congestion::on_timeout() noexcept {
  if (mode_ != Mode::kStartup) mode_ = Mode::kProbe;
  phase_ = 1;
  for (double& rate : rates_) rate /= 2;
}

double Congestion::rate() const noexcept {
  const double largest = *std::max_element(rates_.begin(), rates_.end());
  if (largest > 0) return largest;
  return static_cast<double>(kFirstWindow) / static_cast<double>(min_rtt_ == 0 ? kFirstRtt : min_rtt_);
}

double Congestion::pacing_gain() const noexcept {
  switch (mode_) {
    case Mode::kStartup:
      return kStartupGain;
    case Mode::kDrain:
      return 1 / kStartupGain;
    case Mode::kProbe:
      // What is lost at random does not arrive: a probe has to send so much more, or it would find less than there is.
      return phase_ == 0 ? kProbeGains[0] / (1 - std::min(loss_, kMostLoss)) : kProbeGains[phase_];
    case Mode::kProbeRtt:
      return 1;
  }
  return 1;
}

double Congestion::product() const noexcept {
  return rate() * static_cast<double>(min_rtt_ == 0 ? kFirstRtt : min_rtt_);
}

uint64_t Congestion::window() const noexcept {
  if (mode_ == Mode::kProbeRtt) return kLeastWindow;
  const double gain = mode_ == Mode::kStartup ? kStartupGain : kWindowGain;
  return std::max(static_cast<uint64_t>(gain * product()), 2 * kFirstWindow);
}

}  // namespace pfs::transport
