#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "gram/gram.hpp"
#include "session/address.hpp"
#include "transport/receiver.hpp"
#include "transport/sender.hpp"
#include "wire/session_units.hpp"

namespace pfs::session {

using transport::Time;
using SessionId = uint32_t;  ///< place and generation; never 0, and not used again soon
constexpr SessionId kNoSession = 0;

/// How a path's frames are addressed: ReplyPath (gram/gram.hpp), port and headers in front.
struct PathConfig {
  ReplyPath to;
  uint32_t payload = 1500;  ///< bytes that the port allows behind the headers
  transport::PathConfig timing;
};

struct EndpointConfig {
  uint64_t boot = 0;                 ///< a number of this life of the process
  std::array<uint8_t, 16> secret{};  ///< for cookies
  Terms terms;                       ///< what this end says of itself: root, layout, streams, window, digest
  bool accepts = true;               ///< answers HELLO
  uint32_t sessions = 16;            ///< at most, of all peers
  uint32_t half_open = 8;            ///< of them, that have not sent a second frame
  uint32_t paths = 4;                ///< of a session, at most
  transport::PathConfig timing;      ///< of paths by which a peer dials
  transport::SenderConfig sender;
  transport::ReceiverConfig receiver;
  uint32_t held = 16384;  ///< frames that came early, of all sessions together; half of that is dealt out evenly
  Time keep_alive = transport::kSecond / 2;       ///< a session that is quiet says so
  Time silence = 2500 * transport::kMillisecond;  ///< after which a peer counts as away
  Time forget = 10 * transport::kSecond;          ///< after which its state is freed
  Time farewell = transport::kSecond;             ///< how long BYE waits for its answer
};

/// A session's state, as its owner sees it.
enum class State : uint8_t { kFree, kOpening, kOpen, kAway, kClosing };

/// Why a session is no more, in terms of the wire and of the clock.
struct Ending {
  ByeUnit::Reason reason = ByeUnit::Reason::kDone;
  bool by_peer = false;
  uint64_t ours = 0, theirs = 0;  ///< what did not agree
};

/// What an endpoint tells its owner. Called from within its own functions, on the same thread; none of these may call
/// back into the endpoint.
class EndpointSink {
 public:
  virtual ~EndpointSink() = default;
  /// The frame that was submitted with this token has arrived, or its session is over: the owner may free it.
  virtual void on_done(uint64_t token, bool arrived) noexcept = 0;
  /// A frame that on_frame() held is given up with its session.
  virtual void on_released(uint64_t token) noexcept = 0;
  virtual void on_open(SessionId session) noexcept = 0;
  virtual void on_away(SessionId session, bool away) noexcept = 0;
  virtual void on_closed(SessionId session, const Ending& why) noexcept = 0;
  /// A HELLO from there was refused; `why` is in terms of this end. Not rarer than HELLOs are answered.
  virtual void on_refused(const ReplyPath& /*from*/, const ByeUnit& /*why*/) noexcept {}
};

/// What became of a frame that came.
struct Arrival {
  enum class What : uint8_t {
    kDeliver,  ///< the next one of its stream: hand it on, then ask next_held() until there is none
    kHold,     ///< early: the endpoint keeps the token
    kControl,  ///< of the session itself: done
    kDrop,     ///< `fault` says why; the owner frees it
  };
  What what = What::kDrop;
  Drop fault = Drop::kNone;
  SessionId session = kNoSession;
  uint16_t stream = 0;
};

/// A frame that leaves now.
struct Outgoing {
  bool control = false;
  uint64_t token = 0;  ///< of a submitted frame, to which the owner writes `carry` and the header's seq
  uint16_t stream = 0;
  uint32_t seq = 0;
  bool repair = false;
  CarryUnit carry;
  std::span<const uint8_t> payload;  ///< of a control frame: whole and sealed, valid until the next call
  const ReplyPath* to = nullptr;     ///< valid until the next call
};

struct EndpointCounters {
  uint64_t opened = 0, closed = 0, refused = 0, away = 0, restarted = 0, retries = 0, cookies_refused = 0;
  uint64_t hellos = 0, hellos_ignored = 0;  ///< came; and those that got no answer because there were too many
  uint64_t corrupt = 0, trimmed = 0, unknown_session = 0, acks_refused = 0;
  uint64_t hints = 0, hints_ignored = 0;  ///< of a path's size: tried; and those that told nothing, or too often
  uint64_t over_held = 0;                 ///< early frames refused because all sessions together hold too many
};

/// What the halves of all sessions have counted, those that are over included.
struct Totals {
  transport::SenderCounters sender;
  transport::ReceiverCounters receiver;
};

/// Both halves of all sessions of this process with its peers: opening and refusing, order, repair, pace, several
/// paths, keep-alive, the end. Pure: the caller brings frames and the time, and carries away what leaves. Takes memory
/// only when constructed; what a peer can make it hold is bounded by the configuration.
class Endpoint {
 public:
  Endpoint(const EndpointConfig& config, EndpointSink& sink);
  ~Endpoint();

  /// Opens a session by these paths; a HELLO goes out until it is answered or refused for good. kNoSession if no place
  /// is free.
  SessionId dial(std::span<const PathConfig> paths, Time now) noexcept;
  /// Adds a path to a session that was dialled, or takes one away; what is in flight there goes by the others.
  bool add_path(SessionId session, const PathConfig& path, Time now) noexcept;
  void remove_path(SessionId session, uint8_t path, Time now) noexcept;
  /// A path leads to another address now: the next hop has changed.
  void readdress(SessionId session, uint8_t path, const ReplyPath& to) noexcept;
  /// Somebody, perhaps a router, says that paths to this address carry so many bytes of payload at most. Nobody vouches
  /// for that, so the sizes are tried, and only what does not arrive is believed. False if there is nothing to try.
  bool hint(const Address& to, uint32_t payload, Time now) noexcept;
  /// From now on HELLO is answered by BYE (busy): this end is about to leave.
  void stop_accepting() noexcept;
  /// Says BYE, and after its answer or `farewell` the session is closed. Frames that have not arrived are given up.
  void close(SessionId session, ByeUnit::Reason reason, Time now) noexcept;

  /// A frame for which is_carried() holds came by `from` (its headers turned round: where an answer goes). `payload` is
  /// what this port allows to such a path, for answers.
  Arrival on_frame(std::span<const uint8_t> frame, const ReplyPath& from, uint32_t payload, uint64_t token,
                   Time now) noexcept;
  /// After kDeliver: the token of the stream's next frame if it is here.
  std::optional<uint64_t> next_held(SessionId session, uint16_t stream) noexcept;

  /// Until told otherwise, frames of the session are kept as they come (kHold, up to what may be held), and next_held()
  /// gives none: its owner cannot take more of them, and others shall not wait.
  void hold(SessionId session, bool held) noexcept;

  /// Frames of the stream that submit() takes now; 0 also where the session is not open or no path has been measured.
  [[nodiscard]] uint32_t room(SessionId session, uint16_t stream) const noexcept;
  /// True if some path of the session carries frames of so many bytes of payload, CARRY included.
  [[nodiscard]] bool carries(SessionId session, uint32_t bytes) const noexcept;
  /// The owner has a frame that no path carries. Where one did while the session was open, the session is closed
  /// (kSize), since the frame was built in good faith, and the answer is true.
  bool strand(SessionId session, uint32_t bytes, Time now) noexcept;
  /// A frame whose payload has room for CARRY, `bytes` long with it. Some path must carry it.
  void submit(SessionId session, uint16_t stream, uint64_t token, uint32_t bytes, uint64_t denoted) noexcept;

  /// How much of what was delivered is still worked on, of all sessions, and how far behind that is (0 to 255). What is
  /// delivered counts as worked on until this is told again, so it is told with every poll.
  void on_backlog(uint64_t bytes, uint8_t pressure) noexcept;

  /// The next frame that leaves now: call it until there is none. Timers are looked at here.
  bool next(Time now, Outgoing& out) noexcept;
  /// When next() may have something; kNever if only a frame or a submission can change that.
  [[nodiscard]] Time next_event(Time now) const noexcept;

  [[nodiscard]] State state(SessionId session) const noexcept;
  /// Where a path leads; null if the session has no path of that number.
  [[nodiscard]] const ReplyPath* path(SessionId session, uint8_t path) const noexcept;
  /// Numbers that paths of a session can have, from 0.
  [[nodiscard]] uint8_t path_numbers() const noexcept;
  /// Bytes of payload that frames built from now on should have at most, CARRY included, so that each goes by any path:
  /// the least of the paths; 0 until one has been measured, which is when the session opens if the network carries what
  /// both ports allow.
  [[nodiscard]] uint32_t payload(SessionId session) const noexcept;
  [[nodiscard]] const Terms& peer(SessionId session) const noexcept;
  [[nodiscard]] uint32_t unacknowledged(SessionId session) const noexcept;
  [[nodiscard]] const EndpointCounters& counters() const noexcept;
  [[nodiscard]] Totals totals() const noexcept;
  // Figures of a session's halves and paths are read through these; null where there is no such session or path.
  [[nodiscard]] const transport::Sender* sender(SessionId session) const noexcept;
  [[nodiscard]] const transport::Receiver* receiver(SessionId session) const noexcept;
  /// All sessions that are not free, for reports.
  [[nodiscard]] std::vector<SessionId> all() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pfs::session
