#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "session/neighbours/neighbour_frame.hpp"
#include "transport/ack.hpp"

namespace pfs::session {

using transport::Time;

struct NeighbourConfig {
  Time retry = 250 * transport::kMillisecond;  ///< until a request is repeated; doubled each time, up to 32 times it
  uint32_t attempts = 4;                       ///< unanswered requests after which a known MAC address is given up
  Time lifetime = 30 * transport::kSecond;     ///< after which a MAC address in use is asked for again
  Time hint_pause = transport::kSecond;        ///< between two hints of strangers that make us ask
  uint32_t answers_per_second = 100;           ///< to requests for our addresses, all together
};

/// A machine on one of our links whose MAC address is wanted. Several paths may share it.
struct NextHop {
  OwnAddress own;  ///< who asks, where
  IpAddress ip;
  bool silent = false;  ///< nobody is asked: learn() alone tells its MAC address
};

struct NeighbourCounters {
  uint64_t asked = 0;  ///< requests for one of our addresses
  uint64_t answered = 0;
  uint64_t not_answered = 0;  ///< more than answers_per_second
  uint64_t requests = 0;      ///< of ours
  uint64_t learned = 0;       ///< answers that told a MAC address, known before or not
  uint64_t moved = 0;         ///< of them, another one than before
  uint64_t unasked = 0;       ///< answers and announcements that nobody had asked for; none changes anything
  uint64_t given_up = 0;      ///< MAC addresses that went unconfirmed
};

/// ARP and neighbour discovery for a fixed set of our addresses and of next hops. Pure: the caller brings frames and
/// the time, and sends what next() gives. Takes memory only when constructed. A MAC address is taken only from an
/// answer to an outstanding request of ours; a stranger's announcement that contradicts what is known makes us ask, no
/// more.
class Neighbours {
 public:
  Neighbours(std::span<const OwnAddress> own, std::span<const NextHop> hops, const NeighbourConfig& config);

  /// A frame of ARP or neighbour discovery came by `port`, from its Ethernet header on. kNone: it was for us;
  /// kNotPacketfs: it was for somebody else; kUnasked; kTruncated, kBadChecksum.
  Drop on_frame(std::span<const uint8_t> frame, uint16_t port, Time now) noexcept;

  /// The MAC address of a next hop. Nothing where it is not known; then, or where it is old, it is asked for.
  std::optional<MacAddress> resolve(size_t hop, Time now) noexcept;

  /// Something speaks against what is known of a next hop: everybody on its link is asked, at most once each
  /// hint_pause.
  void doubt(size_t hop, Time now) noexcept;

  /// Another source (the kernel's table) says so.
  void learn(size_t hop, const MacAddress& mac, Time now) noexcept;

  /// The next frame that leaves now: call it until there is none.
  bool next(Time now, NeighbourFrame& out) noexcept;
  /// When next() may have something; kNever if only a frame or a call can change that.
  [[nodiscard]] Time next_event() const noexcept { return answers_ != 0 ? 0 : due_; }

  /// Grows whenever a MAC address becomes known, changes or is given up.
  [[nodiscard]] uint32_t changes() const noexcept { return changes_; }
  [[nodiscard]] const NeighbourCounters& counters() const noexcept { return counters_; }

 private:
  struct Entry {
    NextHop hop;
    std::optional<MacAddress> mac;
    Time confirmed = 0;               // when it was told last
    Time wanted = 0;                  // when resolve() was called last
    Time ask_at = transport::kNever;  // when the next request leaves; kNever: none is outstanding
    Time hinted = 0;
    uint32_t unanswered = 0;  // requests since it was told
    bool everybody = false;   // the known MAC address is doubted: requests go to the whole link
  };
  static constexpr size_t kAnswersWaiting = 16;

  Drop on_request(const NeighbourMessage& message, uint16_t port, uint16_t vlan, Time now) noexcept;
  Drop on_answer(const NeighbourMessage& message, uint16_t port, uint16_t vlan, Time now) noexcept;
  void ask(Entry& entry, Time now, bool everybody) noexcept;
  void confirm(Entry& entry, const MacAddress& mac, Time now) noexcept;
  bool next_request(Entry& entry, Time now, NeighbourFrame& out) noexcept;
  bool may_answer(Time now) noexcept;
  void find_due() noexcept;

  NeighbourConfig config_;
  std::vector<OwnAddress> own_;
  std::vector<Entry> entries_;
  std::array<NeighbourFrame, kAnswersWaiting> waiting_{};
  size_t answers_ = 0;            // of waiting_
  Time due_ = transport::kNever;  // the earliest ask_at
  Time budget_from_ = 0;          // the budget of answers has been filling since then
  uint32_t changes_ = 0;
  NeighbourCounters counters_;
};

}  // namespace pfs::session
