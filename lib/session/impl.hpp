#pragma once

#include <array>
#include <vector>

#include "session/budget.hpp"
#include "session/control.hpp"
#include "session/cookies.hpp"
#include "session/endpoint.hpp"
#include "session/place.hpp"

namespace pfs::session {

/// A frame that came, its CRC checked, and where from.
struct Came {
  const Carried& carried;
  const ReplyPath& from;
  Address address;
  uint32_t payload = 0;  ///< that the port allows to answers
  uint32_t bytes = 0;    ///< of the frame's own payload
  Time now = 0;
};

/// An answer to somebody who has no session: nothing is kept of them but this, until it has left.
struct Aside {
  enum class Kind : uint8_t { kBye, kRetry };
  Kind kind = Kind::kBye;
  CarryUnit carry;
  ReplyPath to;
  ByeUnit bye;
  RetryUnit retry;
};

constexpr uint32_t kFrameOverhead = 38;  ///< bytes: Ethernet's header, preamble, FCS and gap

struct Endpoint::Impl final : transport::SenderSink {
  Impl(const EndpointConfig& config, EndpointSink& sink);

  // Places: endpoint.cpp
  /// Early frames for which each session has a place whatever the others hold: half of all places is dealt out so.
  [[nodiscard]] uint32_t own_places() const noexcept { return config_.held / config_.sessions / 2; }
  void let_go_of(uint32_t frames, uint32_t before) noexcept;
  [[nodiscard]] Place* find(SessionId id) noexcept;
  [[nodiscard]] Place* take_place() noexcept;
  void touch(Place& place) noexcept { place.due = due_ = 0; }
  void on_arrived(uint64_t token) noexcept override { sink_.on_done(token, true); }
  void on_given_up(uint64_t token) noexcept override { sink_.on_done(token, false); }

  // Beginning: opening.cpp
  SessionId dial(std::span<const PathConfig> paths, Time now) noexcept;
  bool add_path(Place& place, const PathConfig& path, Time now) noexcept;
  void remove_path(Place& place, uint8_t path, Time now) noexcept;
  bool hint(const Address& to, uint32_t payload, Time now) noexcept;
  bool hint(WayTo& way, bool dialled, uint32_t payload, Time now) noexcept;
  void begin(Place& place, bool dialled, Time now) noexcept;
  void open_halves(Place& place) noexcept;
  void on_welcome(Place& place, const Came& came, const WelcomeUnit& welcome) noexcept;
  void on_retry(Place& place, const Came& came, const RetryUnit& retry) noexcept;
  void on_refusal(Place& place, const ByeUnit& bye, Time now) noexcept;
  void on_measured(Place& place, uint8_t path, Time now) noexcept;

  // Being asked: answering.cpp
  void on_hello(const Came& came, const Terms& hello) noexcept;
  bool greet_again(const Came& came, const Terms& hello) noexcept;
  void set_path(Place& place, const Came& came, const Terms& hello) noexcept;
  void confirm(Place& place, const Address& from, Time now) noexcept;
  void retry(const Came& came, const Terms& hello) noexcept;
  void refuse(const Came& came, const Terms& hello, ByeUnit bye) noexcept;
  [[nodiscard]] Place* place_for(const Came& came, const Terms& hello, bool proven) noexcept;
  [[nodiscard]] Budget& budget_of(std::vector<Budget>& budgets, const Address& address) const noexcept;
  [[nodiscard]] bool knows_newer_life(const Address& address, uint64_t boot) const noexcept;
  [[nodiscard]] std::optional<ByeUnit> disagreement(const Terms& theirs) const noexcept;

  // What comes: receiving.cpp
  struct ControlVisitor;
  Arrival on_frame(std::span<const uint8_t> frame, const ReplyPath& from, uint32_t payload, uint64_t token,
                   Time now) noexcept;
  Arrival on_stranger(const Came& came) noexcept;
  Arrival on_greeting(Place& place, const Came& came) noexcept;
  Arrival on_trimmed(const Came& came) noexcept;
  Arrival on_sequenced(Place& place, const Came& came, uint64_t token) noexcept;
  Arrival on_control(Place& place, WayTo& way, const Came& came) noexcept;
  void on_probe(Place& place, WayTo& way, const Came& came, const ProbeUnit& probe) noexcept;
  void say_unknown(const Came& came) noexcept;

  // What leaves: sending.cpp
  bool next(Time now, Outgoing& out) noexcept;
  bool step(Place& place, Time now, Outgoing& out) noexcept;
  bool depart(Place& place, Time now, Outgoing& out) noexcept;
  [[nodiscard]] uint8_t best_path(Place& place) noexcept;
  [[nodiscard]] Time due_of(const Place& place, Time now) const noexcept;
  [[nodiscard]] CarryUnit carry(const Place& place, uint8_t path, Time now) const noexcept;

  // Control frames: saying.cpp
  bool say_control(Place& place, Time now, Outgoing& out) noexcept;
  bool say_hello(Place& place, uint8_t path, Time now, Outgoing& out) noexcept;
  bool say_welcome(Place& place, uint8_t path, Time now, Outgoing& out) noexcept;
  bool say_probe(Place& place, uint8_t path, const ProbeUnit& probe, Time now, Outgoing& out) noexcept;
  bool say_acks(Place& place, Time now, Outgoing& out) noexcept;
  bool say_bye(Place& place, Time now, Outgoing& out) noexcept;
  bool say_ping(Place& place, uint8_t path, Time now, Outgoing& out) noexcept;
  bool say_aside(Outgoing& out) noexcept;
  void say_bye_aside(const ReplyPath& to, uint32_t number, const ByeUnit& bye) noexcept;
  [[nodiscard]] Aside* next_aside() noexcept;
  uint16_t write_gaps(Place& place, UnitWriter& units) noexcept;
  void give(Place& place, uint8_t path, std::span<const uint8_t> payload, Time now, Outgoing& out) noexcept;
  [[nodiscard]] Terms terms(const Place& place, uint8_t path) const noexcept;

  // Time and the end: ending.cpp
  void on_timer(Place& place, Time now) noexcept;
  bool is_stuck(Place& place, Time now) noexcept;
  void measure_again(Place& place, Time now) noexcept;
  void close_if_stranded(Place& place, Time now) noexcept;
  void close_stranded(Place& place, uint32_t bytes, uint32_t carried, Time now) noexcept;
  void on_heard(Place& place, WayTo& way, const Came& came) noexcept;
  void close(Place& place, const ByeUnit& bye, Time now) noexcept;
  void on_bye(Place& place, const Came& came, const ByeUnit& bye) noexcept;
  void end(Place& place, const Ending& why) noexcept;
  void give_up(Place& place) noexcept;
  void share_room() noexcept;
  [[nodiscard]] uint64_t share(int64_t sessions) const noexcept;

  EndpointConfig config_;
  EndpointSink& sink_;
  EndpointCounters counters_;
  Totals ended_;  ///< of sessions that are over
  Cookies cookies_;
  uint64_t salt_;
  ControlFrame frame_;
  std::vector<Place> places_;
  uint32_t turn_ = 0;        ///< place that is looked at first
  uint32_t taken_ = 0;       ///< frames in a row from there
  bool aside_left_ = false;  ///< the frame before was an answer to a stranger
  Time due_ = kNever;        ///< when next() has anything to look at
  uint32_t common_ = 0;      ///< early frames that sessions hold beyond their own places
  bool leaving_ = false;     ///< nobody is greeted any more
  uint64_t backlog_ = 0;
  uint8_t pressure_ = 0;
  bool delivers_ = false;  ///< frames have come since the backlog was told
  // By address. Who has proven an address competes with nobody who only claims one.
  std::vector<Budget> hellos_;
  std::vector<Budget> proven_hellos_;
  std::vector<Budget> unknown_;
  std::array<Aside, 64> asides_;
  uint32_t aside_first_ = 0, aside_count_ = 0;
  Time now_ = 0;  ///< as the owner said last
};

}  // namespace pfs::session
