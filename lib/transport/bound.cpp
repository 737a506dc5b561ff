#include "transport/bound.hpp"

#include <algorithm>
#include <cmath>

namespace pfs::transport {
namespace {

constexpr double kBeta = 0.7;           // what a cut leaves, RFC 9438, 4.6
constexpr double kC = 0.4;              // frames a second cubed, RFC 9438, 4.1
constexpr double kLeastProduct = 0.98;  // of the path's product that a cut leaves: below, the link would be idle
constexpr double kDeviations = 3;       // by which losses must exceed what chance brings
constexpr double kFewFrames = 1.5;      // likewise, where chance brings none
constexpr double kCalmStep = 1.0 / 64;  // of the bound, for each round without a queue
constexpr double kLargestStep = 1.0 / 4;
constexpr uint32_t kCalmDoubles = 16;  // rounds
constexpr double kForget = 64;         // rounds with a queue, after which what was learned of chance is old
constexpr double kChanceBytes = 3e6;   // after so many, older ones count half

}  // namespace

void LossBound::on_chance(uint64_t bytes, bool lost) noexcept {
  chance_seen_ += static_cast<double>(bytes);
  if (lost) chance_lost_ += static_cast<double>(bytes);
  if (chance_seen_ < kChanceBytes) return;
  chance_seen_ /= 2;
  chance_lost_ /= 2;
}

bool LossBound::congested(const Round& round) const noexcept {
  if (!round.queued) return false;
  const double frames = static_cast<double>(round.lost + round.arrived) / round.frame;
  const double expected = frames * chance();
  return static_cast<double>(round.lost) / round.frame > expected + kDeviations * std::sqrt(expected) + kFewFrames;
}

bool LossBound::on_round(const Round& round, Time now) noexcept {
  if (round.queued) chance_lost_ -= chance_lost_ / kForget;
  if (!congested(round)) {
    if (bytes_ < 1e18) grow(round, now);
    return false;
  }
  cut(round.flight, round.product, kBeta, now);
  return true;
}

void LossBound::cut(uint64_t in_flight, double product, double leave, Time now) noexcept {
  const auto flight = static_cast<double>(in_flight);
  before_cut_ = flight < before_cut_ ? flight * (1 + kBeta) / 2 : flight;  // fast convergence, RFC 9438, 4.7
  bytes_ = after_cut_ = reno_ = std::max(leave * flight, kLeastProduct * product);
  cut_at_ = now;
  calm_rounds_ = 0;
}

void LossBound::grow(const Round& round, Time now) noexcept {
  if (!round.queued) {
    const uint32_t doublings = calm_rounds_++ / kCalmDoubles;
    const double step = kCalmStep * std::exp2(static_cast<double>(doublings));
    bytes_ = std::min(std::max(bytes_, round.product) * (1 + std::min(step, kLargestStep)), 1e17);
    return;
  }
  const double t = static_cast<double>(now - cut_at_) / static_cast<double>(kSecond);
  const double k = std::cbrt(std::max(before_cut_ - after_cut_, 0.0) / round.frame / kC);
  const double aim = std::max(before_cut_, after_cut_) + kC * std::pow(t - k, 3) * round.frame;
  reno_ += 3 * (1 - kBeta) / (1 + kBeta) * round.frame;
  bytes_ = std::max({bytes_, std::min(aim, 1.5 * bytes_), reno_});
}

}  // namespace pfs::transport
