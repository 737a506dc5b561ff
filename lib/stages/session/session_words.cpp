#include "stages/session/session_words.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/endian.hpp"
#include "wire/addresses/ip_address.hpp"

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

std::string peer_words(const ReplyPath& to, std::span<const Port> ports) {
  const auto port = std::ranges::find(ports, to.port, &Port::id);
  std::string name = port == ports.end() ? fmt::format("port {}", to.port) : port->name;
  const EncapsulationBuffer& headers = to.encapsulation;
  if (headers.length < kEthernetHeaderBytes) return name;
  // Behind the Ethernet header, and perhaps a tag, stands an IP header or the payload.
  const bool tagged = load_be<uint16_t>(headers.bytes.data() + 12) == 0x8100;
  const uint32_t link = kEthernetHeaderBytes + (tagged ? 4 : 0);
  const bool v6 = headers.length > link && headers.bytes[link] >> 4 == 6;
  if (headers.length > link)
    return fmt::format("{} {}", name, to_text(ip_at(headers.bytes.data() + link + (v6 ? 24 : 16), v6)));
  MacAddress mac;
  std::copy_n(headers.bytes.begin(), mac.size(), mac.begin());
  return fmt::format("{} {}", name, to_text(mac));
}

}  // namespace pfs
