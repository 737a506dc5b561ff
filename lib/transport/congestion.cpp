#include "transport/congestion.hpp"

#include <algorithm>

namespace pfs::transport {
namespace {

constexpr double kStartupGain = 2.885;  // 2 / ln 2: the smallest that doubles the rate every round trip
constexpr double kWindowGain = 2;       // acknowledgements come late and together
constexpr double kCruise = 0.98;  // Acks that came together make a path look faster than it is; a queue drains slowly
constexpr std::array kProbeGains = {1.25, 0.75, kCruise, kCruise, kCruise, kCruise, kCruise, kCruise};
constexpr double kGrowth = 1.25;            // a round that gains less has found the rate
constexpr double kOverrun = 0.4;            // of what arrived in a round: who loses so much sends twice too fast
constexpr double kMostChance = 0.25;        // share of frames lost at random that is made up for by sending more
constexpr uint32_t kFullRounds = 3;         // so many of them
constexpr uint64_t kFirstWindow = 65536;    // bytes, before anything is known; 43 frames of 1,514 bytes
constexpr uint64_t kLeastFrames = 4;        // that may be in flight
constexpr double kAckBytes = 49152;         // that an Ack may tell of together
constexpr double kAckDelay = kMillisecond;  // by which an Ack may come late, if it tells of fewer
constexpr double kSlack = 200 * double{kMicrosecond};  // by which threads on both ends may be late
constexpr double kWork = 300 * double{kMicrosecond};   // for which a receiver is busy with a gram, verified and written
constexpr double kWorkLosses = 10;                     // times the share lost at random, by which less of that counts
constexpr double kProbeRttPart = 0.5;     // of the product: a queue that others of our kind keep as well is gone
constexpr double kMostLowered = 0.1;      // of the rate, by one round
constexpr Time kFirstRtt = kMillisecond;  // at least, for the first window
constexpr Time kRttLives = 5 * kSecond;
constexpr double kOursLeave = 0.55;  // of what is in flight, when several of our kind give way: the queue all but goes
constexpr double kFull = 0.9;        // of the window, which counts as all of it
constexpr double kOurs = 2.5;        // smallest round trips: no longer is the queue that windows of ours can make
constexpr Time kLongLives = 3 * kSecond;  // a TCP's window takes so long from one cut to the next
constexpr Time kQuietRounds = 20;
constexpr Time kQuiet = kSecond;  // and so many round trips, between giving way and giving way again
constexpr Time kProbeRttLasts = 200 * kMillisecond;
constexpr Time kSameRtt = 32;    // part of the round trip, by which another may differ and count as the same
constexpr Time kSameRounds = 2;  // after which the queue is gone that was ours
constexpr Time kLeastQueue = 600 * kMicrosecond;  // a wait that a thread may as well have caused (kSlack, kWork)
constexpr uint32_t kQueueFrames = 4;              // whose own length is no queue
constexpr double kFindsLate = 0.25;               // of a round trip, by which a loss is found later than an arrival
constexpr double kOursPart = 0.5;                 // of the window: who has less in flight fills no queue
constexpr double kSparse = 0.25;                  // of the product: so little in flight tries no path
constexpr uint64_t kDrainRounds = 3;              // at most
constexpr Time kQueueSeen = 4;                    // part of a round trip for which every frame must have waited
constexpr Time kQueuePart = 16;                   // of the round trip, likewise

}  // namespace

bool Congestion::below_rate(Time now) const noexcept {
  const bool drains = mode_ == Mode::kDrain || mode_ == Mode::kProbeRtt || (mode_ == Mode::kProbe && phase_ == 1);
  return drains && now - round_since_ > min_rtt_ / 2;
}

void Congestion::on_sent(uint32_t bytes, uint64_t in_flight) noexcept {
  frame_ = std::max(bytes, frame_ - frame_ / 64);
  in_flight_ = in_flight;
  round_now_.flight = std::max(round_now_.flight, in_flight);
}

void Congestion::on_sample(const RateSample& sample, Time now) noexcept {
  if (sample.interval != 0) {
    const double rate =
        static_cast<double>(sample.delivered - sample.delivered_then) / static_cast<double>(sample.interval);
    double& largest = rates_[rate_round_ % kRounds];
    // What was sent below the path's rate says only that the path carries at least so much.
    if (!sample.limited || rate > this->rate()) {
      largest = std::max(largest, rate);
      rate_seen_ = true;
    }
    largest_rate_ = std::max(largest_rate_, largest);
  }
  if (sample.delivered_then >= round_ends_) on_round(sample, now);
}

void Congestion::on_round(const RateSample& sample, Time now) noexcept {
  const uint64_t arrived = sample.delivered - round_began_;
  if (mode_ == Mode::kStartup) {
    const bool grew = largest_rate_ >= full_rate_ * kGrowth;
    if (grew) full_rate_ = largest_rate_;
    // Who has too little to send learns nothing of the rate.
    if (grew || !sample.limited) full_rounds_ = grew ? 0 : full_rounds_ + 1;
    // One round may be a standstill of threads, and who has little in flight fills no queue.
    const bool ours = static_cast<double>(round_now_.flight) > kOursPart * static_cast<double>(window());
    queued_rounds_ = queue_stood_ && ours ? queued_rounds_ + 1 : 0;
    const bool overrun =
        arrived > kFirstWindow && static_cast<double>(round_now_.lost) > kOverrun * static_cast<double>(arrived);
    if (full_rounds_ >= kFullRounds || queued_rounds_ >= kFullRounds || overrun) begin_drain();
  } else if ((mode_ == Mode::kDrain && is_drained()) || (mode_ == Mode::kProbeRtt && rtt_is_known(now))) {
    mode_ = Mode::kProbe;
    phase_ = 1 + static_cast<uint32_t>(now / kMicrosecond % (kProbeGains.size() - 1));  // not in step with others
  }
  Round round = round_now_;
  round.arrived = arrived;
  round.flight = std::max(round.flight, flight_before_);
  round.frame = frame_;
  round.product = flight_needed();
  round.queued = queue_stood_ || queue_stood_before_;
  if (mode_ == Mode::kProbe) {
    if (bound_.on_round(round, now))
      lower_rate(round);
    else if (stands(round, now))
      bound_.cut(round.flight, round.product, kOursLeave, now);
  }
  flight_before_ = round_now_.flight;
  queue_stood_before_ = queue_stood_;
  queue_stood_ = false;
  round_now_ = {};
  round_since_ = now;
  round_began_ = round_ends_ = sample.delivered;
  phase_ = (phase_ + 1) % kProbeGains.size();
  ++round_;
  // A path is not slower because there was less to send: rounds that say nothing of the rate let none be forgotten.
  if (rate_seen_) rates_[++rate_round_ % kRounds] = 0;
  rate_seen_ = false;
  largest_rate_ = *std::max_element(rates_.begin(), rates_.end());
}

void Congestion::begin_drain() noexcept {
  mode_ = Mode::kDrain;
  drain_ends_ = round_ + kDrainRounds;
}

bool Congestion::is_drained() const noexcept {
  return static_cast<double>(in_flight_) <= product() + late() || round_ >= drain_ends_;
}

/// Acks that came together make a path look faster than it is, and a rate that is too high by so much loses as much.
void Congestion::lower_rate(const Round& round) noexcept {
  const auto lost = static_cast<double>(round.lost);
  const double share = lost / (lost + static_cast<double>(round.arrived)) - bound_.chance();
  const double kept = 1 - std::clamp(share, 0.0, kMostLowered);
  for (double& rate : rates_) rate *= kept;
  largest_rate_ *= kept;
}

/// Where the path without our queue is as long as it was, nobody else's queue was in it, and the probe ends soon.
/// Otherwise all that share the queue go on draining for a while, so that all of them see the path without it.
bool Congestion::rtt_is_known(Time now) const noexcept {
  const Time off = min_rtt_ > rtt_before_ ? min_rtt_ - rtt_before_ : rtt_before_ - min_rtt_;
  const bool same = off <= rtt_before_ / kSameRtt && now + kProbeRttLasts - probe_rtt_ends_ > kSameRounds * min_rtt_;
  return same || now >= probe_rtt_ends_;
}

/// A queue that we make alone drains each time that we probe. Where it stands although all that we may have in flight
/// is in flight, others of our kind hold it with us, and each would keep the share that it happens to have: they all
/// give way together and grow alike. Beyond that length the queue is somebody else's, who gives way to losses only.
bool Congestion::stands(const Round& round, Time now) const noexcept {
  return round.queued && static_cast<double>(round.flight) > kFull * (kWindowGain * product() + late()) &&
         (long_seen_ == 0 || now - long_seen_ > kLongLives) && now - bound_.cut_at() > kQuiet + kQuietRounds * min_rtt_;
}

void Congestion::on_round_trip(Time rtt, Time now) noexcept {
  last_rtt_ = rtt;
  if (static_cast<double>(rtt) > kOurs * static_cast<double>(min_rtt_)) long_seen_ = now;
  const bool stale = now - min_rtt_seen_ > kRttLives;
  if (min_rtt_ == 0 || rtt <= min_rtt_ || (stale && mode_ == Mode::kProbeRtt)) {
    min_rtt_ = rtt;
    min_rtt_seen_ = now;
  } else if (stale && mode_ == Mode::kProbe) {
    mode_ = Mode::kProbeRtt;  // our own queue may hide the path's round trip, so the queue is emptied for a moment
    probe_rtt_ends_ = now + kProbeRttLasts;
    rtt_before_ = min_rtt_;
  }
  // One late frame may be a thread's fault. A queue makes all of them late.
  if (!queued(rtt)) clear_at_ = now;
  if (now - clear_at_ <= kLeastQueue + min_rtt_ / kQueueSeen) return;
  queue_stood_ = true;
}

void Congestion::on_timeout() noexcept {
  if (mode_ != Mode::kStartup) mode_ = Mode::kProbe;
  phase_ = 1;
  for (double& rate : rates_) rate /= 2;
  largest_rate_ /= 2;
}

double Congestion::rate() const noexcept {
  if (largest_rate_ > 0 && mode_ != Mode::kStartup) return largest_rate_;
  // A first frame alone says little: as long as the rate was not found, it counts as at least this.
  return std::max(largest_rate_,
                  static_cast<double>(kFirstWindow) / static_cast<double>(std::max(min_rtt_, kFirstRtt)));
}

double Congestion::pacing_gain() const noexcept {
  switch (mode_) {
    case Mode::kStartup:
      return kStartupGain;
    case Mode::kDrain:
      return 1 / kStartupGain;
    case Mode::kProbe:
      return kProbeGains[phase_];
    case Mode::kProbeRtt:
      return 1;
  }
  return 1;
}

/// What is lost at random does not arrive, and so much more has to leave.
double Congestion::pacing_rate() const noexcept {
  return pacing_gain() * rate() / (1 - std::min(bound_.chance(), kMostChance));
}

double Congestion::product() const noexcept {
  return rate() * static_cast<double>(min_rtt_ == 0 ? kFirstRtt : min_rtt_);
}

/// Bytes in flight that keep the path busy. What is lost at random counts as in flight until the loss is found.
double Congestion::flight_needed() const noexcept {
  const double chance = std::min(bound_.chance(), kMostChance);
  return (product() + late()) * (1 + kFindsLate * chance) / (1 - chance);
}

/// Bytes that count as in flight although they have arrived: the Ack is on its way to be sent, or waits for the gram
/// that its lcore works on. Where much is lost at random, more in flight would only fill a queue.
double Congestion::late() const noexcept {
  const double work = kWork * std::max(0.0, 1 - kWorkLosses * bound_.chance());
  return std::min(rate() * kAckDelay, kAckBytes) + rate() * (kSlack + work);
}

bool Congestion::queued(Time rtt) const noexcept {
  // However low the rate has become, a queue of a second is one.
  const auto frames = static_cast<Time>(std::min(kQueueFrames * frame_ / rate(), static_cast<double>(kSecond)));
  return rtt > min_rtt_ + std::max({kLeastQueue, min_rtt_ / kQueuePart, frames});
}

bool Congestion::is_sparse(uint64_t in_flight) const noexcept {
  return static_cast<double>(in_flight) < kSparse * product();
}

uint64_t Congestion::window() const noexcept {
  const double least = kLeastFrames * frame_;
  if (mode_ == Mode::kProbeRtt) return static_cast<uint64_t>(std::max(kProbeRttPart * product(), least));
  const double gain = mode_ == Mode::kStartup ? kStartupGain : kWindowGain;
  return static_cast<uint64_t>(std::max(std::min(gain * product() + late(), bound_.bytes()), least));
}

}  // namespace pfs::transport
