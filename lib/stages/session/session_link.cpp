#include "stages/session/session_link.hpp"

#include <fmt/format.h>
#include <rte_cycles.h>
#include <rte_mbuf.h>

#include <algorithm>

#include "base/log.hpp"
#include "stages/backlog.hpp"

namespace pfs {
namespace {

using session::SessionId;

constexpr uint32_t kLinesPerSecond = 5;  // of the log; strangers may open sessions much faster

Exit exit_of(ByeUnit::Reason reason) noexcept {
  switch (reason) {
    case ByeUnit::Reason::kVersion:
    case ByeUnit::Reason::kRoot:
    case ByeUnit::Reason::kLayout:
      return Exit::kUnverified;
    default:
      return Exit::kFailed;
  }
}

/// Why a session is over, for people. The remedy belongs to it.
std::string words(const session::Ending& why) {
  const char* teller = why.by_peer ? "the peer says: " : "";
  switch (why.reason) {
    case ByeUnit::Reason::kDone:
      return fmt::format("{}done", teller);
    case ByeUnit::Reason::kVersion:
      return fmt::format("{}protocol versions {} here and {} there; run the same release at both ends", teller,
                         why.ours, why.theirs);
    case ByeUnit::Reason::kRoot:
      return fmt::format("{}the blobs differ: roots {:016x}… here and {:016x}… there; give both ends the same `blob`",
                         teller, why.ours, why.theirs);
    case ByeUnit::Reason::kLayout:
      return fmt::format("{}the blobs are laid out differently ({} and {}); give both ends the same `blob`", teller,
                         why.ours, why.theirs);
    case ByeUnit::Reason::kBusy:
      return fmt::format("{}no session is free; raise `sessions` there, or wait", teller);
    case ByeUnit::Reason::kDenied:
      return fmt::format("{}not permitted", teller);
    case ByeUnit::Reason::kUnknown:
      return fmt::format("{}such a session is not there any more", teller);
    case ByeUnit::Reason::kRestarted:
      return fmt::format("{}it has been started anew", teller);
    case ByeUnit::Reason::kSilent:
      return fmt::format("{}silent for {:.1f} s; is it running, and is the link up?", teller,
                         static_cast<double>(why.ours) / static_cast<double>(transport::kSecond));
    case ByeUnit::Reason::kSize:
      return fmt::format(
          "{}frames of {} bytes, as this end's port has them, do not arrive; the largest that do have {}; "
          "set the same MTU on the whole way",
          teller, why.ours, why.theirs);
  }
  return "";
}

}  // namespace

SessionLink::SessionLink(const StageEnv& env, const SessionConfig& config, std::unique_ptr<SessionPaths> paths)
    : control_(*env.control),
      backlog_(*env.backlog),
      config_(config),
      paths_(std::move(paths)),
      clock_(env.ticks_per_second, rte_rdtsc()),
      endpoint_(config.endpoint, *this) {
  control_.expect_farewell();
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
  rte_pktmbuf_free(reinterpret_cast<rte_mbuf*>(token));
}

void SessionLink::on_released(uint64_t token) noexcept {
  held_.set(held_.get() - 1);
  in_->drop(control_.stopping() ? Drop::kStopped : Drop::kNoSession);
  rte_pktmbuf_free(reinterpret_cast<rte_mbuf*>(token));
}

std::string SessionLink::peer_name(SessionId id) const {
  return fmt::format("session {:08x}{}", id, id == dialled_ ? " (opened from here)" : "");
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
  say(fmt::format("{}: open, boot {:x}, {} bytes of payload a frame", peer_name(id), endpoint_.peer(id).boot,
                  endpoint_.payload(id)));
}

void SessionLink::on_away(SessionId id, bool away) noexcept {
  say(fmt::format("{}: {}", peer_name(id),
                  away ? "the peer is silent; what it may still do is kept for a while" : "the peer is back"));
}

void SessionLink::on_closed(SessionId id, const session::Ending& why) noexcept {
  held_back_.erase(std::remove(held_back_.begin(), held_back_.end(), id), held_back_.end());
  const std::string line = fmt::format("{}: over: {}", peer_name(id), words(why));
  const bool mine = id == dialled_;
  if (mine) dialled_ = session::kNoSession;
  if (mine && !control_.stopping() && why.reason != ByeUnit::Reason::kDone)
    return control_.end(exit_of(why.reason), line);
  if (mine && !control_.stopping()) return control_.end(Exit::kFailed, line + ", before the work was");
  say(line);
}

}  // namespace pfs
