#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "session/address.hpp"
#include "session/budget.hpp"
#include "session/endpoint.hpp"
#include "session/sizes.hpp"

namespace pfs::session {

using transport::kNever;

/// One path of a session as this end sees it.
struct WayTo {
  bool used = false;      ///< has an address
  bool answered = false;  ///< the peer knows of the path: WELCOME came, or something other than HELLO
  bool usable = false;    ///< a payload was found, and the sender has the path
  ReplyPath to;
  Address address;
  uint32_t allowed = 0;      ///< bytes of payload, by this end's port
  uint32_t peer_allows = 0;  ///< by the peer's
  uint32_t hint = 0;         ///< bytes of payload that a router named before the path was answered; 0: none
  transport::PathConfig timing;
  Time heard = 0;
  uint64_t cookie = 0;        ///< the dialling end: from RETRY
  Time hello_at = kNever;     ///< the dialling end: when HELLO is said again
  uint32_t hellos = 0;        ///< said without an answer
  uint32_t welcome = 0;       ///< bytes of payload of a WELCOME that leaves now; 0 if none does
  uint32_t probe_answer = 0;  ///< bytes of payload that arrived, which the peer is told now; 0 if it is not
  Sizes sizes;
};

/// A frame that a trimmed one proves to be lost.
struct Gap {
  uint16_t stream = 0;
  uint32_t seq = 0;
};

/// The memory of one session: taken when the endpoint is made, and used again by one session after another.
struct Place {
  Place(const EndpointConfig& config, transport::SenderSink& sink)
      : paths(config.paths), sender(sender_config(config), sink), receiver(config.receiver) {}

  SessionId id = kNoSession;  ///< of the session that is here, or was here last
  State state = State::kFree;
  bool dialled = false;
  bool confirmed = false;  ///< the peer has sent a frame with this session's number: it receives where it says it is
  bool proven = false;     ///< likewise, by a cookie
  uint32_t peer_number = 0;
  uint64_t nonce = 0;
  Terms peer;
  uint64_t first_grant = 0;  ///< denoted bytes that the peer may send before the first acknowledgement
  Time began = 0;
  Time heard = 0;
  Time said = 0;
  Time due = kNever;            ///< when next() has to look here
  Time control_due = 0;         ///< of which, for the control frames of paths
  Time timer_due = 0;           ///< of which, for silence, keep-alive and the end
  uint8_t turn = 0;             ///< path that is looked at first
  uint32_t ask = 0;             ///< a bit for each path: a keep-alive leaves there now
  ByeUnit bye;                  ///< kClosing: what is said
  Time bye_at = kNever;         ///< kClosing: when it is said again
  Time bye_until = kNever;      ///< kClosing
  Ending refusal;               ///< kOpening: the last one after which it was worth while to ask again
  Budget answers{20'000, 512};  ///< control frames that the peer's own cause, beside acknowledgements of frames
  uint64_t arrived = 0;         ///< frames, when the next member was set
  Time stuck_since = 0;         ///< when a frame has arrived last, or nothing was in flight
  uint32_t longest_ever = 0;    ///< bytes of payload that some path of this session has carried
  std::array<Gap, 32> gaps;
  uint32_t gap_count = 0;
  std::vector<WayTo> paths;
  transport::Sender sender;
  transport::Receiver receiver;

  [[nodiscard]] bool live() const noexcept { return state == State::kOpen || state == State::kAway; }
  /// A path of the session leads there.
  [[nodiscard]] bool leads_to(const Address& address) const noexcept {
    return std::ranges::any_of(paths, [&](const WayTo& way) { return way.used && way.address == address; });
  }
  /// Some path's peer is not known yet: anybody may answer.
  [[nodiscard]] bool expects_any() const noexcept {
    return std::ranges::any_of(paths, [](const WayTo& way) { return way.used && !way.answered && is_group(way.to); });
  }
  /// Bytes of payload that go by any of the paths; 0 if none can be used.
  [[nodiscard]] uint32_t least_payload() const noexcept {
    uint32_t least = 0;
    for (const WayTo& way : paths)
      // A path whose size is being looked for anew carries nothing, and keeps no other from carrying what it can.
      if (const uint32_t most = way.usable ? way.sizes.usable() : 0; most != 0 && (least == 0 || most < least))
        least = most;
    return least;
  }
  /// Bytes of payload that go by one of the paths at least; 0 if none can be used.
  [[nodiscard]] uint32_t longest_payload() const noexcept {
    uint32_t longest = 0;
    for (const WayTo& way : paths)
      if (way.usable) longest = std::max(longest, way.sizes.usable());
    return longest;
  }
  /// How a session ends that this end has closed.
  [[nodiscard]] Ending farewell() const noexcept {
    return {.reason = bye.reason, .ours = bye.ours, .theirs = bye.theirs};
  }
  /// The path of that number if the frame comes from where the path leads.
  [[nodiscard]] WayTo* path_from(uint8_t index, const Address& from) noexcept {
    if (index >= paths.size() || !paths[index].used || paths[index].address != from) return nullptr;
    return &paths[index];
  }

 private:
  static transport::SenderConfig sender_config(const EndpointConfig& config) noexcept {
    transport::SenderConfig sender = config.sender;
    sender.paths = config.paths;
    return sender;
  }
};

}  // namespace pfs::session
