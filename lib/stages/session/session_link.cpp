#include "stages/session/session_link.hpp"

#include <fmt/format.h>
#include <rte_cycles.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <bit>

#include "base/log.hpp"
#include "stages/backlog.hpp"
#include "stages/session/session_words.hpp"

namespace pfs {
namespace {

using session::SessionId;

double seconds(transport::Time time) noexcept {
  return static_cast<double>(time) / static_cast<double>(transport::kSecond);
}

constexpr uint32_t kLinesPerSecond = 5;  // of the log; strangers may open sessions much faster

}  // namespace

SessionLink::SessionLink(const StageEnv& env, const SessionConfig& config, std::unique_ptr<SessionPaths> paths)
    : control_(*env.control),
      backlog_(*env.backlog),
      config_(config),
      paths_(std::move(paths)),
      clock_(env.ticks_per_second, rte_rdtsc()),
      endpoint_(config.endpoint, *this),
      ports_(env.ports) {
  control_.expect_farewell();
  known_.reserve(config.endpoint.sessions);
  held_back_.reserve(config.endpoint.sessions);
  let_go_.reserve(config.endpoint.sessions);
}

void SessionLink::look_after_paths(transport::Time now) noexcept {
  now_ = now;
  if (has_dialled_ || !config_.dial) {
    if (!paths_->look(endpoint_, dialled_, now)) return;
    for (std::string news = paths_->take_news(); !news.empty(); news = paths_->take_news()) say(news);
    return;
  }
  if (control_.stopping()) return;
  const SessionPaths::Dialled dialled = paths_->dial(endpoint_, now);
  has_dialled_ = dialled.failed || dialled.session != session::kNoSession;
  dialled_ = dialled.session;
  dialled_at_ = now;
  if (dialled.failed)
    control_.end(Exit::kFailed, fmt::format("no session: {}; is it there, and is the address right?", paths_->words()));
}

void SessionLink::look_for_silence() noexcept {
  const transport::Sender* mine = endpoint_.sender(dialled_);
  if (mine == nullptr) return;
  const bool unanswered =
      endpoint_.state(dialled_) == session::State::kOpening && now_ - dialled_at_ > transport::kSecond;
  if (!unanswered && mine->counters().timeouts == timeouts_) return;
  timeouts_ = mine->counters().timeouts;
  paths_->doubt(now_);
}

void SessionLink::look_at_backlog() noexcept {
  const uint32_t places = std::max(backlog_.places.load(std::memory_order_relaxed), 1u);
  const uint32_t grams = std::min(backlog_.grams.load(std::memory_order_relaxed), places);
  // A pool that is half taken is at work; the pressure begins there.
  const uint32_t beyond = grams > places / 2 ? grams - places / 2 : 0;
  const uint32_t pressure = std::min(255u, beyond * 255 / std::max(places - places / 2, 1u));
  endpoint_.on_backlog(backlog_.bytes.load(std::memory_order_relaxed), static_cast<uint8_t>(pressure));
}

void SessionLink::publish() noexcept {
  const session::Totals totals = endpoint_.totals();
  const transport::SenderCounters& sender = totals.sender;
  published_.submitted.set(sender.submitted);
  published_.sent.set(sender.sent);
  published_.repairs.set(sender.repairs);
  published_.needless.set(sender.needless);
  published_.arrived.set(sender.arrived);
  published_.timeouts.set(sender.timeouts);
  published_.nacked.set(sender.nacked);
  published_.acks_refused.set(sender.acks_refused);
  published_.delivered.set(totals.receiver.delivered);
  published_.duplicates.set(totals.receiver.duplicates);
  published_.beyond.set(totals.receiver.beyond);
  published_.no_room.set(totals.receiver.no_room);
  const session::EndpointCounters& counters = endpoint_.counters();
  published_.opened.set(counters.opened);
  published_.closed.set(counters.closed);
  published_.refused.set(counters.refused);
  published_.away.set(counters.away);
  published_.restarted.set(counters.restarted);
  published_.retries.set(counters.retries);
  published_.hellos_ignored.set(counters.hellos_ignored);
  published_.corrupt.set(counters.corrupt);
  published_.trimmed.set(counters.trimmed);
  const session::AddressingCounters addressing = paths_->addressing().counters();
  published_.hops_asked.set(addressing.neighbours.requests);
  published_.hops_learned.set(addressing.neighbours.learned);
  published_.hops_moved.set(addressing.neighbours.moved);
  published_.hops_given_up.set(addressing.neighbours.given_up);
  published_.answered.set(addressing.neighbours.answered);
  published_.not_answered.set(addressing.neighbours.not_answered);
  published_.too_big.set(addressing.too_big);
}

void SessionLink::hold_back(SessionId id, bool back) noexcept {
  const auto at = std::find(held_back_.begin(), held_back_.end(), id);
  if (back == (at != held_back_.end())) return;
  endpoint_.hold(id, back);
  if (back) return held_back_.push_back(id);  // within what was reserved: it has room for every session
  held_back_.erase(at);
  if (let_go_.size() < let_go_.capacity()) let_go_.push_back(id);
}

SessionId SessionLink::next_let_go() noexcept {
  if (let_go_.empty()) return session::kNoSession;
  const SessionId id = let_go_.back();
  let_go_.pop_back();
  return id;
}

bool SessionLink::take_leave(transport::Time now) noexcept {
  now_ = now;
  if (!left_) {
    left_ = true;
    endpoint_.stop_accepting();  // or who is told to go would come back before all have gone
    for (const SessionId id : endpoint_.all()) endpoint_.close(id, ByeUnit::Reason::kDone, now);
  }
  return endpoint_.all().empty();
}

void SessionLink::on_done(uint64_t token, bool arrived) noexcept {
  kept_.set(kept_.get() - 1);
  if (arrived)
    out_->processed.add(1);
  else
    out_->drop(control_.stopping() ? Drop::kStopped : Drop::kNoSession);
  rte_pktmbuf_free(std::bit_cast<rte_mbuf*>(token));
}

void SessionLink::on_released(uint64_t token) noexcept {
  held_.set(held_.get() - 1);
  in_->drop(control_.stopping() ? Drop::kStopped : Drop::kNoSession);
  rte_pktmbuf_free(std::bit_cast<rte_mbuf*>(token));
}

std::string SessionLink::name_of(SessionId id) const {
  const auto known = std::ranges::find(known_, id, &Known::id);
  return known == known_.end() ? fmt::format("session {:08x}", id) : known->name;
}

/// Strangers decide how often there is something to say, so there is a bound to it. The endpoint's counters say the
/// rest.
void SessionLink::say(const std::string& line) noexcept {
  if (now_ - lines_since_ >= transport::kSecond) {
    lines_since_ = now_;
    lines_ = 0;
  }
  if (++lines_ <= kLinesPerSecond) log_line(line);
}

void SessionLink::on_open(SessionId id) noexcept {
  const ReplyPath* to = endpoint_.path(id, 0);
  known_.push_back({id, fmt::format("session {:08x} with {}", id, to == nullptr ? "a peer" : peer_words(*to, ports_))});
  say(fmt::format("{}: opened, boot {:x}", name_of(id), endpoint_.peer(id).boot));
  if (id == dialled_) epoch_.add(1);
}

void SessionLink::on_away(SessionId id, bool away) noexcept {
  if (away && id == dialled_) paths_->doubt(now_);
  say(fmt::format("{}: {}", name_of(id),
                  away ? fmt::format("away: silent for {:.1f} s", seconds(config_.endpoint.silence)) : "back"));
}

/// A session that was opened from here and whose peer knows it no more is opened anew: the peer may have been started
/// again. Whoever has something to send learns by the epoch that it has to begin anew as well.
void SessionLink::on_closed(SessionId id, const session::Ending& why) noexcept {
  std::erase(held_back_, id);
  const std::string line = fmt::format("{}: closed: {}", name_of(id), words(why));
  const bool was_open = std::erase_if(known_, [id](const Known& known) { return known.id == id; }) != 0;
  if (id != dialled_) return say(line);
  dialled_ = session::kNoSession;
  using Reason = ByeUnit::Reason;
  if (control_.stopping()) return say(line);
  if (was_open && (why.reason == Reason::kUnknown || why.reason == Reason::kRestarted || why.reason == Reason::kDone)) {
    paths_->begin_anew();
    has_dialled_ = false;
    return say(line + "; opening another");
  }
  control_.end(exit_of(why.reason), line);
}

void SessionLink::on_refused(const ReplyPath& from, const ByeUnit& why) noexcept {
  say(fmt::format("a session with {} is refused: {}", peer_words(from, ports_),
                  words({.reason = why.reason, .ours = why.ours, .theirs = why.theirs})));
}

}  // namespace pfs
