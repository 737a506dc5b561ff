#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/counter.hpp"
#include "session/endpoint.hpp"
#include "stages/session/lines.hpp"
#include "stages/session/session_clock.hpp"
#include "stages/session/session_figures.hpp"
#include "stages/session/session_paths.hpp"
#include "stages/stage.hpp"

struct rte_mbuf;

namespace pfs {

struct SessionConfig {
  session::EndpointConfig endpoint;
  bool dial = false;               ///< opens a session; otherwise others open them
  std::vector<PathSetting> paths;  ///< of the session that is dialled, or addresses at which others reach this end
};

/// What the stages session_in and session_out share: the sessions of this process, and the one that it has opened
/// itself. Lives in session_in; one lcore.
class SessionLink final : private session::EndpointSink {
 public:
  SessionLink(const StageEnv& env, const SessionConfig& config, std::unique_ptr<SessionPaths> paths);
  SessionLink(const SessionLink&) = delete;
  SessionLink& operator=(const SessionLink&) = delete;

  session::Endpoint& endpoint() noexcept { return endpoint_; }
  [[nodiscard]] const session::Endpoint& endpoint() const noexcept { return endpoint_; }
  [[nodiscard]] transport::Time at(uint64_t ticks) const noexcept { return clock_.at(ticks); }

  /// Opens the session that the configuration asks for, once its next hops are known; afterwards looks after its paths.
  void look_after_paths(transport::Time now) noexcept;
  SessionPaths& paths() noexcept { return *paths_; }
  [[nodiscard]] const SessionPaths& paths() const noexcept { return *paths_; }
  /// The session that was opened from here; kNoSession before, and where none is to be.
  [[nodiscard]] session::SessionId dialled() const noexcept { return dialled_; }
  /// Sessions opened from here so far. Any lcore may read.
  [[nodiscard]] uint32_t epoch() const noexcept { return static_cast<uint32_t>(epoch_.get()); }
  [[nodiscard]] bool dials() const noexcept { return config_.dial; }
  [[nodiscard]] uint32_t frames_of_session() const noexcept { return config_.endpoint.sender.frames; }
  [[nodiscard]] uint32_t sessions() const noexcept { return config_.endpoint.sessions; }

  /// Holds a session's frames back in session_in, or lets them go again.
  void hold_back(session::SessionId id, bool back) noexcept;
  /// A session whose frames were let go again since the last call, and are to be handed on; kNoSession if there is
  /// none.
  [[nodiscard]] session::SessionId next_let_go() noexcept;
  [[nodiscard]] uint32_t streams() const noexcept { return config_.endpoint.receiver.streams; }

  /// What a frame said of the length of packets. Its name if it said nothing that was to be tried.
  Drop on_hint(const session::SizeHint& hint, transport::Time now) noexcept;

  /// Doubts the next hops of the session that was opened from here where its frames go unanswered.
  void look_for_silence() noexcept;
  /// Publishes what all sessions have counted, for other threads.
  void publish() noexcept;
  [[nodiscard]] const SessionFigures& published() const noexcept { return published_; }

  /// Tells the endpoint how much of what was delivered is still worked on.
  void look_at_backlog() noexcept;
  /// Says BYE to everybody, once. True when nobody is left.
  bool take_leave(transport::Time now) noexcept;

  /// Where frames that end here are counted: those of session_in that were held, those of session_out that have left.
  void count_at(StageStats& in, StageStats& out) noexcept {
    in_ = &in;
    out_ = &out;
  }
  /// Built frames that were submitted and have not arrived; received frames that came early. Any lcore may read.
  [[nodiscard]] uint64_t kept() const noexcept { return kept_.get(); }
  [[nodiscard]] uint64_t held() const noexcept { return held_.get(); }
  void keep() noexcept { kept_.set(kept_.get() + 1); }
  void hold() noexcept { held_.set(held_.get() + 1); }
  void hand_on() noexcept { held_.set(held_.get() - 1); }

 private:
  void on_done(uint64_t token, bool arrived) noexcept override;
  void on_released(uint64_t token) noexcept override;
  void on_open(session::SessionId id) noexcept override;
  void on_away(session::SessionId id, bool away) noexcept override;
  void on_closed(session::SessionId id, const session::Ending& why) noexcept override;
  void on_refused(const ReplyPath& from, const ByeUnit& why) noexcept override;
  [[nodiscard]] bool is_worth_another(session::SessionId id, const session::Ending& why) const noexcept;

  /// A session that has been opened, as lines call it.
  struct Known {
    session::SessionId id;
    ReplyPath to;
  };
  [[nodiscard]] std::string name_of(session::SessionId id) const;

  RunControl& control_;
  Backlog& backlog_;
  const SessionConfig config_;
  std::unique_ptr<SessionPaths> paths_;
  SessionClock clock_;
  session::Endpoint endpoint_;
  session::SessionId dialled_ = session::kNoSession;
  std::vector<session::SessionId> held_back_;
  std::vector<session::SessionId> let_go_;
  bool has_dialled_ = false;
  transport::Time dialled_at_ = 0;
  uint64_t timeouts_ = 0;  // of the session that was opened from here, as they were seen last
  bool left_ = false;
  Counter kept_;
  Counter held_;
  StageStats* in_ = nullptr;
  StageStats* out_ = nullptr;
  transport::Time now_ = 0;  // of the last call
  Lines lines_;
  std::span<const Port> ports_;
  std::vector<Known> known_;
  Counter epoch_;
  SessionFigures published_;
};

}  // namespace pfs
