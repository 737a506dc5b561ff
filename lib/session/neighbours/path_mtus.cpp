#include "session/neighbours/path_mtus.hpp"

#include <algorithm>

namespace pfs::session {

uint32_t PathMtus::towards(const IpAddress& destination, uint32_t port_mtu, Time now) noexcept {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& each) { return each.destination == destination; });
  if (found != entries_.end()) {
    found->used = now;
    if (found->mtu != 0 && now - found->told > kLifetime) found->mtu = 0;
    return found->mtu == 0 ? port_mtu : std::min(port_mtu, found->mtu);
  }
  const Entry fresh{.destination = destination, .used = now};
  if (entries_.size() < entries_.capacity())
    entries_.push_back(fresh);
  else if (!entries_.empty())
    *std::min_element(entries_.begin(), entries_.end(),
                      [](const Entry& a, const Entry& b) { return a.used < b.used; }) = fresh;
  return port_mtu;
}

bool PathMtus::on_too_big(const TooBig& message, Time now) noexcept {
  if (message.mtu == 0) return false;
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& each) { return each.destination == message.to; });
  if (found == entries_.end()) return false;
  const uint32_t mtu = std::max(message.mtu, message.to.v6 ? kLeastV6 : kLeastV4);
  found->told = now;
  if (found->mtu != 0 && mtu >= found->mtu) return false;
  found->mtu = mtu;
  return true;
}

}  // namespace pfs::session
