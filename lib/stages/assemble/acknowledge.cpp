#include "stages/assemble/acknowledge.hpp"

#include <algorithm>
#include <array>

#include "wire/sending/writer.hpp"

namespace pfs {
namespace {

constexpr uint64_t kQuietPerSecond = 5000;  // a stream that is quiet for 200 us is told where it stands
constexpr uint64_t kRepeatPerSecond = 100;  // said again after 10 ms, then 20, 40 ... in case it was lost
constexpr uint64_t kLongestPauseSeconds = 1;

}  // namespace

Acknowledger::Acknowledger(const AcknowledgeConfig& config, const Assembler& assembler, Replies& replies,
                           uint64_t ticks_per_second)
    : config_(config),
      assembler_(assembler),
      replies_(replies),
      quiet_(ticks_per_second / kQuietPerSecond),
      longest_pause_(ticks_per_second * kLongestPauseSeconds),
      told_(assembler.places()) {
  pending_.reserve(assembler.places());
}

void Acknowledger::saw(uint32_t place, uint16_t port, std::span<const uint8_t> headers) noexcept {
  Told& told = told_[place];
  const uint32_t admission = assembler_.progress(place).admission;
  if (told.admission != admission) told = {.admission = admission, .listed = told.listed};
  if (told.frames++ == 0) {
    told.to.port = port;
    reverse_encapsulation(headers, told.to.encapsulation);
  }
  told.due = true;
  told.pause = 0;
  if (told.listed) return;
  told.listed = true;
  pending_.push_back(place);
}

void Acknowledger::poll(uint64_t now) noexcept {
  for (size_t at = pending_.size(); at-- > 0;) {
    Told& told = told_[pending_[at]];
    if (tell(told, assembler_.progress(pending_[at]), now)) continue;
    told.listed = false;
    pending_[at] = pending_.back();
    pending_.pop_back();
  }
}

bool Acknowledger::tell(Told& told, const StreamProgress& progress, uint64_t now) noexcept {
  if (told.admission != progress.admission) return false;  // the stream has been forgotten
  const bool enough = progress.next - told.acknowledged >= config_.every;
  const bool quiet = now - told.sent > std::max(quiet_, told.pause);
  if (told.due ? enough || quiet : quiet) send(told, progress, now);
  return told.due || told.pause < longest_pause_;
}

void Acknowledger::send(Told& told, const StreamProgress& progress, uint64_t now) noexcept {
  told.sent = now;
  told.pause = told.due ? quiet_ * kQuietPerSecond / kRepeatPerSecond : std::min(told.pause * 2, longest_pause_);
  told.due = false;
  told.frames = 0;
  told.acknowledged = progress.next;
  std::array<uint8_t, 1 + kAckBytes> unit{};
  UnitWriter(unit).ack({.next = progress.next, .credit = config_.credit});
  const Reply ack = {.stream = progress.stream, .seq = told.seq, .gram = 0, .unit = unit};
  if (replies_.send(told.to, ack)) ++told.seq;  // or else the repetition will say it
}

}  // namespace pfs
