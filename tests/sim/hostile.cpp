#include "hostile.hpp"

#include <bit>

#include "base/endian.hpp"
#include "wire/sending/writer.hpp"

namespace pfs::sim {
namespace {

using session::Packet;
using session::way_to;

constexpr uint32_t kHead = kFrameHeaderBytes + kCarryUnitBytes;
constexpr size_t kMostSeen = 300;

Packet sealed(const ReplyPath& to, std::vector<uint8_t> frame, const CarryUnit& carry) {
  write_frame(frame.data(), {.length = static_cast<uint16_t>(frame.size() - kFrameHeaderBytes)});
  seal_carried(frame, carry);
  return {.headers = to.encapsulation, .payload = std::move(frame)};
}

}  // namespace

void Stranger::see(const Packet& packet) {
  if (seen_.size() < kMostSeen)
    seen_.push_back(packet);
  else if (random_() % 16 == 0)
    seen_[random_() % kMostSeen] = packet;
}

Packet Stranger::speak() {
  uint32_t bit = 0;
  do bit = 1u << random_() % 5;
  while ((hostile_.kinds & bit) == 0);
  switch (bit) {
    case Hostile::kForged:
      return forged();
    case Hostile::kHellos:
      return hello();
    case Hostile::kReplays:
      return replayed(false);
    case Hostile::kTruncated:
      return replayed(true);
    default:
      return random_bytes();
  }
}

Packet Stranger::random_bytes() {
  Packet packet{.headers = way_to(some_node(), 0, number_, 0).encapsulation, .payload = {}};
  packet.payload.resize(18 + random_() % 200);
  for (uint8_t& byte : packet.payload) byte = static_cast<uint8_t>(random_());
  packet.payload[0] = kFrameTag;
  packet.payload[kFrameHeaderBytes] = kCarryTag;
  return packet;
}

/// Acknowledgements, pings and BYEs of sessions that it saw, from its own address.
Packet Stranger::forged() {
  std::vector<uint8_t> frame(600);
  UnitWriter units{std::span(frame).subspan(kHead)};
  CarryUnit carry{.ping = random_() % 2 == 0, .path = static_cast<uint8_t>(random_() % 3), .stamp = 1};
  if (!seen_.empty() && is_carried(seen_.back().payload) && seen_.back().payload.size() > kHead)
    carry.session = load_be<uint32_t>(seen_[random_() % seen_.size()].payload.data() + kFrameHeaderBytes + 7);
  SackUnit sack;
  sack.stream = static_cast<uint16_t>(random_() % 4);
  sack.next = static_cast<uint32_t>(random_() % 200);
  sack.frames = static_cast<uint32_t>(random_());
  sack.bytes = random_();
  switch (random_() % 3) {
    case 0:
      units.sack(sack);
      break;
    case 1:
      units.bye({.reason = ByeUnit::Reason::kDone, .answer = true});
      break;
    default:
      units.bye({.reason = ByeUnit::Reason::kUnknown, .theirs = carry.session});
      carry.session = 0;
  }
  frame.resize(kHead + units.used());
  return sealed(way_to(some_node(), static_cast<uint8_t>(random_() % 2), number_, 0), std::move(frame), carry);
}

/// HELLO of openings that never go on, from addresses that may not be its own.
Packet Stranger::hello() {
  std::vector<uint8_t> frame(200);
  UnitWriter units{std::span(frame).subspan(kHead)};
  Terms terms = session::some_terms();
  terms.boot = random_() % 2 == 0 ? random_() : 1 + random_() % 100;
  terms.nonce = random_();
  terms.session = static_cast<uint32_t>(random_() | 1);
  terms.payload = 1500;
  if (random_() % 8 == 0) terms.cookie = random_();
  units.hello(terms);
  units.padding(200 - kHead);
  const auto from = static_cast<uint8_t>(random_() % 4 == 0 ? some_node() : 100 + random_() % 100);
  return sealed(way_to(some_node(), 0, random_() % 2 == 0 ? number_ : from, 0), std::move(frame), {});
}

Packet Stranger::replayed(bool truncated) {
  if (seen_.empty()) return random_bytes();
  Packet packet = seen_[random_() % seen_.size()];
  if (truncated) packet.payload.resize(1 + random_() % packet.payload.size());
  if (random_() % 4 == 0) {  // the same frame from its own address
    const MacAddress mac = session::mac_of(number_, 0);
    std::copy(mac.begin(), mac.end(), packet.headers.bytes.begin() + 6);
  }
  return packet;
}

}  // namespace pfs::sim
