#include "cubic.hpp"

#include <algorithm>
#include <cmath>

namespace pfs::sim {
namespace {

using transport::kMillisecond;
using transport::kSecond;

constexpr double kBeta = 0.7;
constexpr double kC = 0.4;  // segments a second cubed
constexpr uint64_t kDuplicates = 3;
constexpr Time kLeastTimeout = 200 * kMillisecond;

}  // namespace

bool Cubic::depart(Time now, uint64_t& number) noexcept {
  if (static_cast<double>(flying_) >= window_) return false;
  if (flying_ == 0) heard_ = now;
  if (lost_ != 0) {
    const auto it = std::find_if(segments_.begin(), segments_.end(), [](const Segment& s) { return s.lost; });
    it->lost = false;
    --lost_;
    number = first_ + static_cast<uint64_t>(it - segments_.begin());
    it->sent = now;
    it->order = ++order_;
    it->flying = true;
    checked_ = std::min(checked_, number);
  } else {
    number = next_++;
    segments_.push_back({.sent = now, .order = ++order_, .flying = true});
  }
  ++flying_;
  return true;
}

void Cubic::on_ack(uint64_t number, Time now) noexcept {
  if (number < first_) return;
  Segment& segment = segments_[number - first_];
  if (segment.acked) return;
  segment.acked = true;
  if (segment.flying) --flying_;
  if (segment.lost) --lost_;
  segment.flying = segment.lost = false;
  heard_ = now;
  const Time rtt = now - segment.sent;
  if (smoothed_ == 0) {
    smoothed_ = rtt;
    variation_ = rtt / 2;
  } else {
    const Time off = rtt > smoothed_ ? rtt - smoothed_ : smoothed_ - rtt;
    variation_ = (3 * variation_ + off) / 4;
    smoothed_ = (7 * smoothed_ + rtt) / 8;
  }
  newest_ = std::max(newest_, segment.order);
  const bool recovering = segment.order <= recovery_;
  if (window_ < threshold_) {
    if (!recovering) window_ += 1;
    hystart(rtt);
    if (segment.order > round_ends_) {
      round_ends_ = order_;
      last_round_min_ = round_min_;
      round_min_ = 0;
      round_samples_ = 0;
    }
  } else if (!recovering) {
    grow(now);
  }
  for (uint64_t at = std::max(checked_, first_); at < next_; ++at) {
    Segment& s = segments_[at - first_];
    if (s.acked || s.lost) continue;
    if (s.order + kDuplicates > newest_) break;
    s.lost = true;
    s.flying = false;
    --flying_;
    ++lost_;
    if (s.order > recovery_) on_loss(now);
  }
  while (!segments_.empty() && segments_.front().acked) {
    segments_.pop_front();
    ++first_;
  }
  checked_ = first_;
}

void Cubic::hystart(Time rtt) noexcept {
  round_min_ = round_min_ == 0 ? rtt : std::min(round_min_, rtt);
  if (++round_samples_ < 8 || last_round_min_ == 0) return;
  const Time most = std::clamp<Time>(last_round_min_ / 8, 4 * kMillisecond, 16 * kMillisecond);
  if (round_min_ >= last_round_min_ + most) threshold_ = window_;
}

void Cubic::on_loss(Time) noexcept {
  recovery_ = order_;
  largest_ = window_ < largest_ ? window_ * (1 + kBeta) / 2 : window_;  // fast convergence
  window_ = std::max(2.0, window_ * kBeta);
  threshold_ = window_;
  epoch_ = 0;
}

void Cubic::grow(Time now) noexcept {
  if (epoch_ == 0) {
    epoch_ = now;
    reno_ = window_;
    k_ = window_ < largest_ ? std::cbrt((largest_ - window_) / kC) : 0;
    origin_ = std::max(largest_, window_);
  }
  const double t = static_cast<double>(now - epoch_ + smoothed_) / static_cast<double>(kSecond);
  const double aim = std::clamp(origin_ + kC * std::pow(t - k_, 3), window_, 1.5 * window_);
  reno_ += 3 * (1 - kBeta) / (1 + kBeta) / window_;
  window_ = std::max(window_ + (aim - window_) / window_, reno_);
}

void Cubic::on_time(Time now) noexcept {
  if (now < next_event()) return;
  heard_ = now;
  for (Segment& s : segments_) {
    if (s.acked || !s.flying) continue;
    s.flying = false;
    s.lost = true;
    ++lost_;
  }
  flying_ = 0;
  largest_ = window_;
  threshold_ = std::max(2.0, window_ * kBeta);
  window_ = 1;
  recovery_ = order_;
  epoch_ = 0;
}

Time Cubic::next_event() const noexcept {
  if (flying_ == 0) return transport::kNever;
  return heard_ + std::max(kLeastTimeout, smoothed_ + 4 * variation_);
}

}  // namespace pfs::sim
