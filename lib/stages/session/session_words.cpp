#include "stages/session/session_words.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "session/address.hpp"
#include "wire/addresses/ip_address.hpp"
#include "wire/addresses/link_header.hpp"

namespace pfs {

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

std::string words(const session::Address& peer) {
  if (peer.udp != 0) return to_text(ip_at(peer.host.data(), peer.kind == kEtherTypeIpv6));
  MacAddress mac;
  std::copy_n(peer.host.begin(), mac.size(), mac.begin());
  return to_text(mac);
}

std::string peer_words(const ReplyPath& to, std::span<const Port> ports) {
  const auto port = std::ranges::find(ports, to.port, &Port::id);
  std::string name = port == ports.end() ? fmt::format("port {}", to.port) : port->name;
  const session::Address peer = session::address_of(to);
  return peer.kind == 0 ? name : fmt::format("{} {}", name, words(peer));
}

}  // namespace pfs
