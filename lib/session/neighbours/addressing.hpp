#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "gram/gram.hpp"
#include "session/address.hpp"
#include "session/neighbours/neighbours.hpp"
#include "wire/addresses/udp_encapsulation.hpp"

namespace pfs::session {

/// A path over UDP. Without `remote` it is a place where others reach us: the address is answered for, no more.
struct UdpPath {
  IpPrefix local;
  std::optional<IpAddress> remote;
  std::optional<IpAddress> gateway;  ///< for a remote that is not in the prefix of `local`
  uint8_t hop_limit = kHopLimit;

  /// Who the frames go to next: the remote where it is on our link, otherwise the gateway; nothing without a way.
  [[nodiscard]] std::optional<IpAddress> next_hop() const noexcept;
};

/// A way out of this machine as it is configured.
struct PathAddress {
  uint16_t port = 0;               ///< DPDK's number
  MacAddress mac{};                ///< the port's own
  uint32_t mtu = 1500;             ///< the port's: bytes behind the Ethernet header
  uint16_t vlan = 0;               ///< 0: no tag
  std::optional<MacAddress> peer;  ///< plain Ethernet: the peer's. UDP: the next hop's, where it need not be asked for
  std::optional<UdpPath> udp;      ///< without it frames are plain Ethernet
  bool kernel = false;             ///< the address is the kernel's too, which answers for it and is asked for next hops
};

struct AddressingCounters {
  NeighbourCounters neighbours;
  uint64_t too_big_ignored =
      0;  ///< messages about addresses that are not ours, or that name less than every link takes
};

/// What a router says of the paths that lead to an address. Anybody can say so.
struct SizeHint {
  Address to;
  uint32_t mtu = 0;      ///< bytes of IP packet
  uint32_t payload = 0;  ///< of which, behind the headers
};

/// The headers of every configured path, as far as they are known, and how long its packets may be. It answers ARP and
/// neighbour discovery for our addresses, asks for next hops, and listens to routers whose next link is too narrow.
/// Pure: the caller brings frames and the time, and sends what next() gives. Takes memory only when constructed.
class Addressing {
 public:
  static constexpr uint32_t kLeastV4 = 576;  ///< bytes of IP packet that every link takes, as far as we are concerned
  static constexpr uint32_t kLeastV6 = 1280;

  explicit Addressing(std::span<const PathAddress> paths, const NeighbourConfig& config = {});

  /// A frame for which concerns_addresses() holds came by `port`, from its Ethernet header on. kNone: it was for us.
  /// Otherwise the name under which the caller drops it.
  Drop on_frame(std::span<const uint8_t> frame, uint16_t port, Time now) noexcept;

  /// What the last frame said of the size of packets, once.
  std::optional<SizeHint> take_hint() noexcept { return std::exchange(hint_, std::nullopt); }

  /// The next frame that leaves now: call it until there is none.
  bool next(Time now, NeighbourFrame& out) noexcept { return neighbours_.next(now, out); }
  /// When next() may have something; kNever if only a frame or a call can change that.
  [[nodiscard]] Time next_event() const noexcept { return neighbours_.next_event(); }

  /// The headers of a path. Nothing while its next hop is not known (which is then asked for), and for a path without
  /// a remote.
  std::optional<EncapsulationBuffer> resolve(size_t path, Time now) noexcept;

  /// Bytes of payload that the port allows behind the headers of a path. 0 for a path without a remote.
  [[nodiscard]] uint32_t payload(size_t path) const noexcept;

  /// Grows whenever resolve() has something new to say.
  [[nodiscard]] uint32_t changes() const noexcept { return neighbours_.changes(); }

  /// The path seems dead: its next hop is asked for again, by asking everybody on its link.
  void doubt(size_t path, Time now) noexcept;
  /// The kernel's table says who the next hop of a path is.
  void learn(size_t path, const MacAddress& mac, Time now) noexcept;

  [[nodiscard]] std::span<const PathAddress> paths() const noexcept { return paths_; }
  [[nodiscard]] AddressingCounters counters() const noexcept;

 private:
  static constexpr size_t kNoHop = SIZE_MAX;

  std::vector<PathAddress> paths_;
  std::vector<size_t> hops_;  // index: path; kNoHop: nobody is to be asked
  Neighbours neighbours_;
  std::optional<SizeHint> hint_;
  uint64_t too_big_ignored_ = 0;
};

}  // namespace pfs::session
