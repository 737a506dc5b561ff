#include "session/neighbours/neighbours.hpp"

#include <algorithm>

namespace pfs::session {
namespace {

constexpr uint32_t kDoublings = 5;  // of `retry`

/// Nobody's own MAC address is a group's.
bool is_group(const MacAddress& mac) noexcept { return (mac[0] & 1) != 0; }

}  // namespace

Neighbours::Neighbours(std::span<const OwnAddress> own, std::span<const NextHop> hops, const NeighbourConfig& config)
    : config_(config), own_(own.begin(), own.end()) {
  entries_.reserve(hops.size());
  for (const NextHop& hop : hops) entries_.push_back({.hop = hop});
}

Drop Neighbours::on_frame(std::span<const uint8_t> frame, uint16_t port, Time now) noexcept {
  const auto link = read_link_header(frame);
  if (!link) return Drop::kTruncated;
  NeighbourMessage message;
  if (const Drop fault = read_neighbour_frame(frame, *link, message); fault != Drop::kNone) return fault;
  return message.answer ? on_answer(message, port, link->vlan, now) : on_request(message, port, link->vlan, now);
}

Drop Neighbours::on_request(const NeighbourMessage& message, uint16_t port, uint16_t vlan, Time now) noexcept {
  const auto own = std::find_if(own_.begin(), own_.end(), [&](const OwnAddress& each) {
    return each.ip == message.target && each.port == port && each.vlan == vlan;
  });
  if (own == own_.end() || is_group(message.from_mac)) return Drop::kNotPacketfs;
  ++counters_.asked;
  if (answers_ == waiting_.size() || !may_answer(now)) {
    ++counters_.not_answered;
    return Drop::kNone;
  }
  write_answer(*own, message, waiting_[answers_++]);
  ++counters_.answered;
  return Drop::kNone;
}

/// The budget fills with time, up to as many answers as may wait.
bool Neighbours::may_answer(Time now) noexcept {
  const Time each = transport::kSecond / config_.answers_per_second;
  const Time full = each * kAnswersWaiting;
  if (now > full) budget_from_ = std::max(budget_from_, now - full);
  if (budget_from_ + each > now) return false;
  budget_from_ += each;
  return true;
}

Drop Neighbours::on_answer(const NeighbourMessage& message, uint16_t port, uint16_t vlan, Time now) noexcept {
  if (!message.mac || is_group(*message.mac)) return Drop::kNotPacketfs;
  Drop verdict = Drop::kNotPacketfs;
  for (Entry& entry : entries_) {
    const OwnAddress& own = entry.hop.own;
    if (entry.hop.ip != message.target || own.port != port || own.vlan != vlan) continue;
    if (entry.ask_at != transport::kNever && entry.unanswered != 0) {
      confirm(entry, *message.mac, now);
      verdict = Drop::kNone;
    } else {
      if (entry.mac && *entry.mac != *message.mac) doubt(static_cast<size_t>(&entry - entries_.data()), now);
      if (verdict != Drop::kNone) verdict = Drop::kUnasked;
    }
  }
  if (verdict == Drop::kUnasked) ++counters_.unasked;
  return verdict;
}

std::optional<MacAddress> Neighbours::resolve(size_t hop, Time now) noexcept {
  Entry& entry = entries_[hop];
  entry.wanted = now;
  const bool old = entry.mac && now - entry.confirmed > config_.lifetime;
  if ((!entry.mac || old) && entry.ask_at == transport::kNever) ask(entry, now, false);
  return entry.mac;
}

void Neighbours::doubt(size_t hop, Time now) noexcept {
  Entry& entry = entries_[hop];
  if (entry.hinted != 0 && now - entry.hinted < config_.hint_pause) return;
  entry.hinted = now;
  entry.wanted = now;
  ask(entry, now, true);
}

void Neighbours::learn(size_t hop, const MacAddress& mac, Time now) noexcept { confirm(entries_[hop], mac, now); }

void Neighbours::ask(Entry& entry, Time now, bool everybody) noexcept {
  if (entry.hop.silent) return;
  entry.everybody = everybody;
  entry.unanswered = 0;
  entry.ask_at = now;
  due_ = std::min(due_, now);
}

void Neighbours::confirm(Entry& entry, const MacAddress& mac, Time now) noexcept {
  ++counters_.learned;
  if (entry.mac != mac) {
    if (entry.mac) ++counters_.moved;
    entry.mac = mac;
    ++changes_;
  }
  entry.confirmed = now;
  entry.unanswered = 0;
  entry.ask_at = transport::kNever;
  find_due();
}

bool Neighbours::next(Time now, NeighbourFrame& out) noexcept {
  if (answers_ != 0) {
    out = waiting_[--answers_];
    return true;
  }
  if (due_ > now) return false;
  bool found = false;
  for (Entry& entry : entries_) {
    if (entry.ask_at > now) continue;
    found = next_request(entry, now, out);
    if (found) break;
  }
  find_due();
  return found;
}

/// A request is due. True if one leaves; false where nobody has wanted the address for long.
bool Neighbours::next_request(Entry& entry, Time now, NeighbourFrame& out) noexcept {
  if (entry.mac && entry.unanswered >= config_.attempts) {
    entry.mac.reset();
    ++counters_.given_up;
    ++changes_;
  }
  if (now - entry.wanted > config_.lifetime) {
    entry.ask_at = transport::kNever;
    return false;
  }
  // Whoever had the address is asked alone at first, as that disturbs nobody else.
  const bool alone = entry.mac && !entry.everybody && entry.unanswered == 0;
  write_request(entry.hop.own, entry.hop.ip, alone ? entry.mac : std::nullopt, out);
  entry.ask_at = now + (config_.retry << std::min(entry.unanswered, kDoublings));
  ++entry.unanswered;
  ++counters_.requests;
  return true;
}

void Neighbours::find_due() noexcept {
  due_ = transport::kNever;
  for (const Entry& entry : entries_) due_ = std::min(due_, entry.ask_at);
}

}  // namespace pfs::session
