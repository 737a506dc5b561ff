#include "stages/session/session_figures.hpp"

namespace pfs {
namespace {

using Unit = Figure::Unit;
using Of = SessionFigures::Of;

struct Row {
  Of stage;
  const char* name;
  Unit unit;
  uint64_t (*read)(const SessionReading&) noexcept;
};

constexpr Row in(const char* name, uint64_t (*read)(const SessionReading&) noexcept, Unit unit = Unit::kFrames) {
  return {Of::kIn, name, unit, read};
}
constexpr Row out(const char* name, uint64_t (*read)(const SessionReading&) noexcept) {
  return {Of::kOut, name, Unit::kFrames, read};
}
using R = const SessionReading&;

constexpr Row kTable[] = {
    in(
        "sessions_opened", [](R r) noexcept { return r.endpoint.opened; }, Unit::kSessions),
    in(
        "sessions_closed", [](R r) noexcept { return r.endpoint.closed; }, Unit::kSessions),
    in(
        "sessions_refused", [](R r) noexcept { return r.endpoint.refused; }, Unit::kSessions),
    in(
        "sessions_away", [](R r) noexcept { return r.endpoint.away; }, Unit::kSessions),
    in(
        "sessions_restarted", [](R r) noexcept { return r.endpoint.restarted; }, Unit::kSessions),
    in("retries_sent", [](R r) noexcept { return r.endpoint.retries; }),
    in("hellos_ignored", [](R r) noexcept { return r.endpoint.hellos_ignored; }),
    in("frames_delivered", [](R r) noexcept { return r.totals.receiver.delivered; }),
    in("frames_trimmed", [](R r) noexcept { return r.endpoint.trimmed; }),
    in("frames_corrupt", [](R r) noexcept { return r.endpoint.corrupt; }),
    in("early_frames_refused", [](R r) noexcept { return r.endpoint.over_held; }),
    in("neighbours_asked", [](R r) noexcept { return r.addressing.neighbours.requests; }),
    in("neighbours_learned", [](R r) noexcept { return r.addressing.neighbours.learned; }),
    in("neighbours_moved", [](R r) noexcept { return r.addressing.neighbours.moved; }),
    in("neighbours_given_up", [](R r) noexcept { return r.addressing.neighbours.given_up; }),
    in("neighbours_answered", [](R r) noexcept { return r.addressing.neighbours.answered; }),
    in("neighbours_not_answered", [](R r) noexcept { return r.addressing.neighbours.not_answered; }),
    in("packets_too_big", [](R r) noexcept { return r.endpoint.hints; }),
    in("too_big_ignored", [](R r) noexcept { return r.endpoint.hints_ignored + r.addressing.too_big_ignored; }),
    in(
        "lines_withheld", [](R r) noexcept { return r.lines_withheld; }, Unit::kLines),
    out("frames_submitted", [](R r) noexcept { return r.totals.sender.submitted; }),
    out("frames_sent", [](R r) noexcept { return r.totals.sender.sent; }),
    out("frames_repaired", [](R r) noexcept { return r.totals.sender.repairs; }),
    out("repairs_needless", [](R r) noexcept { return r.totals.sender.needless; }),
    out("frames_acknowledged", [](R r) noexcept { return r.totals.sender.arrived; }),
    out("frames_nacked", [](R r) noexcept { return r.totals.sender.nacked; }),
    out("timeouts", [](R r) noexcept { return r.totals.sender.timeouts; }),
    out("acks_refused", [](R r) noexcept { return r.totals.sender.acks_refused; }),
};

}  // namespace

void SessionFigures::publish(const SessionReading& reading) noexcept {
  static_assert(std::size(kTable) <= kMost);
  size_t at = 0;
  for (const Row& row : kTable) counters_[at++].set(row.read(reading));
}

StageFigures SessionFigures::figures(Of stage) const {
  StageFigures all;
  for (size_t i = 0; i < std::size(kTable); ++i)
    if (kTable[i].stage == stage) all.emplace_back(kTable[i].name, kTable[i].unit, counters_[i]);
  return all;
}

}  // namespace pfs
