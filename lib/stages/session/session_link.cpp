#include "stages/session/session_link.hpp"

#include <fmt/format.h>
#include <rte_cycles.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <bit>

#include "session/sizes.hpp"
#include "stages/backlog.hpp"
#include "stages/session/session_words.hpp"

namespace pfs {
namespace {

using session::SessionId;

double seconds(transport::Time time) noexcept {
  return static_cast<double>(time) / static_cast<double>(transport::kSecond);
}

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
    return paths_->look(endpoint_, dialled_, now);
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
  published_.publish({.totals = endpoint_.totals(),
                      .endpoint = endpoint_.counters(),
                      .addressing = paths_->addressing().counters(),
                      .lines_withheld = lines_.withheld()});
}

Drop SessionLink::on_hint(const session::SizeHint& hint, transport::Time now) noexcept {
  now_ = now;
  if (!endpoint_.hint(hint.to, hint.payload, now)) return Drop::kUnasked;
  const auto port = std::ranges::find(ports_, hint.to.port, &Port::id);
  if (port != ports_.end())
    lines_.say(now, [&] {
      return fmt::format(
          "the path to {} on port '{}': a router passes packets of {} bytes at most, and the port sends {}; "
          "whether longer ones arrive is tried",
          words(hint.to), port->name, hint.mtu, port->mtu);
    });
  return Drop::kNone;
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
  return known == known_.end() ? fmt::format("session {:08x}", id)
                               : fmt::format("session {:08x} with {}", id, peer_words(known->to, ports_));
}

void SessionLink::on_open(SessionId id) noexcept {
  const ReplyPath* to = endpoint_.path(id, 0);
  if (to != nullptr) known_.push_back({id, *to});
  if (id == dialled_) epoch_.add(1);
  lines_.say(now_, [&] { return fmt::format("{}: opened, boot {:x}", name_of(id), endpoint_.peer(id).boot); });
}

void SessionLink::on_away(SessionId id, bool away) noexcept {
  if (away && id == dialled_) paths_->doubt(now_);
  lines_.say(now_, [&] {
    return fmt::format("{}: {}", name_of(id),
                       away ? fmt::format("away: silent for {:.1f} s", seconds(config_.endpoint.silence)) : "back");
  });
}

/// A session that was opened from here is opened anew where its peer knows it no more, since the peer may have been
/// started again, and where its frames have become too long for every path. Whoever has something to send learns by the
/// epoch that it has to begin anew as well.
void SessionLink::on_closed(SessionId id, const session::Ending& why) noexcept {
  std::erase(held_back_, id);
  const bool mine = id == dialled_, reopens = mine && !control_.stopping() && is_worth_another(id, why);
  const bool ends = mine && !control_.stopping() && !reopens;
  const auto line = [&] {
    return fmt::format("{}: closed: {}{}", name_of(id), words(why), reopens ? "; opening another" : "");
  };
  if (ends)
    control_.end(exit_of(why.reason), line());
  else
    lines_.say(now_, line);
  std::erase_if(known_, [id](const Known& known) { return known.id == id; });
  if (!mine) return;
  dialled_ = session::kNoSession;
  if (!reopens) return;
  paths_->begin_anew();
  has_dialled_ = false;
}

bool SessionLink::is_worth_another(SessionId id, const session::Ending& why) const noexcept {
  const bool was_open = std::ranges::find(known_, id, &Known::id) != known_.end();
  using Reason = ByeUnit::Reason;
  // A way that carries only short frames carries no session.
  const bool narrower = why.reason == Reason::kSize && std::min(why.ours, why.theirs) >= session::kLeastPayload;
  return was_open && (narrower || why.reason == Reason::kUnknown || why.reason == Reason::kRestarted ||
                      why.reason == Reason::kDone);
}

void SessionLink::on_refused(const ReplyPath& from, const ByeUnit& why) noexcept {
  lines_.say(now_, [&] {
    return fmt::format("a session with {} is refused: {}", peer_words(from, ports_),
                       words({.reason = why.reason, .ours = why.ours, .theirs = why.theirs}));
  });
}

}  // namespace pfs
