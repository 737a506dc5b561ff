#include "dpdk/port_presence.hpp"

#include <fmt/format.h>
#include <net/if.h>
#include <rte_ethdev.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace pfs {
namespace {

uint32_t interface_below(uint16_t id) {
  rte_eth_dev_info info{};
  return rte_eth_dev_info_get(id, &info) == 0 ? info.if_index : 0;
}

}  // namespace

PortPresence::PortPresence(const Port& port) : id_(port.id), interface_(interface_below(port.id)) {
  std::array<char, IF_NAMESIZE> name{};
  // An index that means nothing at the start is no interface of this network namespace, and says nothing later.
  if (interface_ != 0 && if_indextoname(interface_, name.data()) == nullptr) interface_ = 0;
  name_ = name.data();
}

std::string PortPresence::missing() const {
  if (rte_eth_dev_is_removed(id_) == 1) return "the device was removed";
  std::array<char, IF_NAMESIZE> name{};
  if (interface_ == 0 || if_indextoname(interface_, name.data()) != nullptr) return {};
  if (errno != ENXIO && errno != ENODEV) return {};
  return fmt::format("the interface '{}' below it disappeared", name_);
}

bool PortPresence::has_namesake() const {
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return false;
  ifreq request{};
  name_.copy(request.ifr_name, IF_NAMESIZE - 1);
  const bool up = ioctl(socket, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_UP) != 0;
  close(socket);
  return up;
}

}  // namespace pfs
