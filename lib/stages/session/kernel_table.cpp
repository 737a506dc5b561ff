#include "stages/session/kernel_table.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace pfs {
namespace {

constexpr size_t kBufferBytes = 32768;  // what the kernel fills at most with one piece of a dump
constexpr uint16_t kDiscardPort = 9;    // RFC 863
constexpr uint16_t kConfirmed = NUD_REACHABLE | NUD_PERMANENT | NUD_NOARP;
constexpr uint16_t kUsable = kConfirmed | NUD_STALE | NUD_DELAY | NUD_PROBE;

/// One message of a dump.
void read_message(const nlmsghdr& header, std::span<KernelNeighbour> wanted) noexcept {
  if (header.nlmsg_type != RTM_NEWNEIGH || header.nlmsg_len < NLMSG_LENGTH(sizeof(ndmsg))) return;
  const auto* neighbour = static_cast<const ndmsg*>(NLMSG_DATA(&header));
  const auto* attribute =
      reinterpret_cast<const rtattr*>(reinterpret_cast<const uint8_t*>(neighbour) + NLMSG_ALIGN(sizeof(ndmsg)));
  auto left = static_cast<int>(header.nlmsg_len - NLMSG_LENGTH(sizeof(ndmsg)));
  std::span<const uint8_t> ip;
  std::span<const uint8_t> mac;
  for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
    const std::span<const uint8_t> value{static_cast<const uint8_t*>(RTA_DATA(attribute)), RTA_PAYLOAD(attribute)};
    if (attribute->rta_type == NDA_DST) ip = value;
    if (attribute->rta_type == NDA_LLADDR) mac = value;
  }
  if (mac.size() != std::tuple_size_v<MacAddress> || (neighbour->ndm_state & kUsable) == 0) return;
  for (KernelNeighbour& each : wanted) {
    if (static_cast<uint32_t>(neighbour->ndm_ifindex) != each.interface || !std::ranges::equal(ip, each.ip.packed()))
      continue;
    std::ranges::copy(mac, each.mac.emplace().begin());
    each.confirmed = (neighbour->ndm_state & kConfirmed) != 0;
  }
}

uint64_t packed(const MacAddress& mac) noexcept {
  uint64_t value = 1;
  for (const uint8_t byte : mac) value = value << 8 | byte;
  return value;
}

/// Has the kernel look for a neighbour, by a datagram of its own.
void call(const KernelNeighbour& neighbour) noexcept {
  const int family = neighbour.ip.v6 ? AF_INET6 : AF_INET;
  const int socket = ::socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket < 0) return;
  char name[IF_NAMESIZE] = "";
  if (if_indextoname(neighbour.interface, name) != nullptr)
    setsockopt(socket, SOL_SOCKET, SO_BINDTODEVICE, name, static_cast<socklen_t>(std::strlen(name)));
  sockaddr_in v4{.sin_family = AF_INET, .sin_port = htons(kDiscardPort)};
  sockaddr_in6 v6{.sin6_family = AF_INET6, .sin6_port = htons(kDiscardPort), .sin6_scope_id = neighbour.interface};
  std::memcpy(&v4.sin_addr, neighbour.ip.bytes.data(), sizeof v4.sin_addr);
  std::memcpy(&v6.sin6_addr, neighbour.ip.bytes.data(), sizeof v6.sin6_addr);
  const auto* to = neighbour.ip.v6 ? reinterpret_cast<const sockaddr*>(&v6) : reinterpret_cast<const sockaddr*>(&v4);
  sendto(socket, nullptr, 0, 0, to, neighbour.ip.v6 ? sizeof v6 : sizeof v4);
  close(socket);
}

}  // namespace

bool read_neighbours(std::span<const uint8_t> piece, std::span<KernelNeighbour> wanted) noexcept {
  const auto* header = reinterpret_cast<const nlmsghdr*>(piece.data());
  auto left = static_cast<unsigned>(piece.size());
  for (; NLMSG_OK(header, left); header = NLMSG_NEXT(header, left)) {
    if (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR) return false;
    read_message(*header, wanted);
  }
  return true;
}

KernelTable::KernelTable(std::vector<KernelNeighbour> wanted)
    : wanted_(std::move(wanted)), known_(wanted_.size()), buffer_(kBufferBytes) {}

Result<std::unique_ptr<KernelTable>> KernelTable::open(std::vector<KernelNeighbour> wanted, const std::string& where) {
  for (const KernelNeighbour& each : wanted)
    if (each.interface == 0)
      return fail(where, fmt::format("the kernel has no interface by which it could know {}", to_text(each.ip)),
                  "write neighbours: own, or mac: the next hop's");
  std::unique_ptr<KernelTable> table(new KernelTable(std::move(wanted)));
  table->netlink_ = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  timeval patience{.tv_sec = 1, .tv_usec = 0};  // the kernel answers at once; this is for a dump that breaks off
  if (table->netlink_ < 0 || setsockopt(table->netlink_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0)
    return fail(where, fmt::format("the kernel's neighbours cannot be read: {}", std::strerror(errno)),
                "write neighbours: own", Exit::kFailed);
  table->refresh();
  return table;
}

KernelTable::~KernelTable() {
  if (netlink_ >= 0) close(netlink_);
}

std::optional<MacAddress> KernelTable::find(size_t place) const noexcept {
  const uint64_t value = known_[place].load(std::memory_order_relaxed);
  if (value == 0) return std::nullopt;
  MacAddress mac{};
  for (size_t i = 0; i < mac.size(); ++i) mac[i] = static_cast<uint8_t>(value >> (8 * (mac.size() - 1 - i)));
  return mac;
}

void KernelTable::refresh() noexcept {
  for (KernelNeighbour& each : wanted_) {
    each.mac.reset();
    each.confirmed = false;
  }
  for (const bool v6 : {false, true})
    if (std::ranges::any_of(wanted_, [&](const KernelNeighbour& each) { return each.ip.v6 == v6; }) && !read(v6))
      return;  // what was known stays known
  for (size_t i = 0; i < wanted_.size(); ++i) {
    known_[i].store(wanted_[i].mac ? packed(*wanted_[i].mac) : 0, std::memory_order_relaxed);
    if (!wanted_[i].confirmed) call(wanted_[i]);
  }
}

/// Asks for the table of one version of IP. False if it could not be read.
bool KernelTable::read(bool v6) noexcept {
  struct {
    nlmsghdr header;
    ndmsg body;
  } request{};
  request.header = {.nlmsg_len = sizeof request, .nlmsg_type = RTM_GETNEIGH, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP};
  request.body.ndm_family = v6 ? AF_INET6 : AF_INET;
  if (send(netlink_, &request, sizeof request, 0) < 0) return false;
  for (bool more = true; more;) {
    const ssize_t bytes = recv(netlink_, buffer_.data(), buffer_.size(), 0);
    if (bytes <= 0) return false;
    more = read_neighbours({buffer_.data(), static_cast<size_t>(bytes)}, wanted_);
  }
  return true;
}

}  // namespace pfs
