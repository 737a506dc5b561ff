#include "session/endpoint.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

#include "session/impl.hpp"

namespace pfs::session {
namespace {

// So many that a flood of a million frames a second from made-up addresses leaves something of each.
constexpr uint32_t kBudgets = 4096;
constexpr uint32_t kHellosASecond = 256;  // of one address, or of those that share its budget
constexpr uint32_t kHellosAtOnce = 128;   // 16 sessions of 4 paths, each said twice
constexpr uint32_t kUnknownASecond = 32;
constexpr uint32_t kUnknownAtOnce = 16;  // sessions of one peer that all hear of our restart

}  // namespace

Endpoint::Impl::Impl(const EndpointConfig& config, EndpointSink& sink)
    : config_(config),
      sink_(sink),
      cookies_(config.secret, config.boot),
      salt_(cookies_.draw()),
      hellos_(kBudgets, Budget(kHellosASecond, kHellosAtOnce)),
      proven_hellos_(kBudgets, Budget(kHellosASecond, kHellosAtOnce)),
      unknown_(kBudgets, Budget(kUnknownASecond, kUnknownAtOnce)) {
  assert(config.sessions != 0 && config.paths != 0 && config.paths <= 32);
  places_.reserve(config.sessions);
  const uint32_t step = std::bit_ceil(config.sessions);
  for (uint32_t i = 0; i < config.sessions; ++i) {
    places_.emplace_back(config, *this);
    places_.back().id = static_cast<uint32_t>(cookies_.draw()) / step * step + i;
  }
}

Place* Endpoint::Impl::find(SessionId id) noexcept {
  const uint32_t index = id & (std::bit_ceil(config_.sessions) - 1);
  if (index >= places_.size()) return nullptr;
  Place& place = places_[index];
  return place.id == id && place.state != State::kFree ? &place : nullptr;
}

/// A free place, with the number of its next session.
Place* Endpoint::Impl::take_place() noexcept {
  const auto free = std::ranges::find(places_, State::kFree, &Place::state);
  if (free == places_.end()) return nullptr;
  const uint32_t step = std::bit_ceil(config_.sessions);
  free->id += step;
  if (free->id == kNoSession) free->id += step;
  return &*free;
}

/// A session gives up so many of the early frames that it held before; the last of them stood in common places.
void Endpoint::Impl::let_go_of(uint32_t frames, uint32_t before) noexcept {
  common_ -= std::min(frames, before - std::min(before, own_places()));
}

Budget& Endpoint::Impl::budget_of(std::vector<Budget>& budgets, const Address& address) const noexcept {
  return budgets[hash_of(address, salt_) % budgets.size()];
}

Endpoint::Endpoint(const EndpointConfig& config, EndpointSink& sink) : impl_(std::make_unique<Impl>(config, sink)) {}
Endpoint::~Endpoint() = default;

SessionId Endpoint::dial(std::span<const PathConfig> paths, Time now) noexcept { return impl_->dial(paths, now); }

bool Endpoint::add_path(SessionId session, const PathConfig& path, Time now) noexcept {
  Place* place = impl_->find(session);
  return place != nullptr && impl_->add_path(*place, path, now);
}

void Endpoint::remove_path(SessionId session, uint8_t path, Time now) noexcept {
  if (Place* place = impl_->find(session); place != nullptr && path < place->paths.size())
    impl_->remove_path(*place, path, now);
}

void Endpoint::readdress(SessionId session, uint8_t path, const ReplyPath& to) noexcept {
  Place* place = impl_->find(session);
  if (place == nullptr || path >= place->paths.size() || !place->paths[path].used) return;
  place->paths[path].to = to;
  place->paths[path].address = address_of(to);
}

bool Endpoint::hint(const Address& to, uint32_t payload, Time now) noexcept { return impl_->hint(to, payload, now); }

void Endpoint::stop_accepting() noexcept { impl_->leaving_ = true; }

void Endpoint::close(SessionId session, ByeUnit::Reason reason, Time now) noexcept {
  if (Place* place = impl_->find(session)) impl_->close(*place, {.reason = reason, .answer = true}, now);
}

Arrival Endpoint::on_frame(std::span<const uint8_t> frame, const ReplyPath& from, uint32_t payload, uint64_t token,
                           Time now) noexcept {
  return impl_->on_frame(frame, from, payload, token, now);
}

std::optional<uint64_t> Endpoint::next_held(SessionId session, uint16_t stream) noexcept {
  Place* place = impl_->find(session);
  if (place == nullptr || !place->live() || stream >= impl_->config_.receiver.streams) return std::nullopt;
  impl_->delivers_ = true;
  const uint32_t before = place->receiver.held();
  const auto token = place->receiver.next_held(stream);
  if (token) impl_->let_go_of(1, before);
  return token;
}

void Endpoint::hold(SessionId session, bool held) noexcept {
  if (Place* place = impl_->find(session)) place->receiver.hold(held);
}

const ReplyPath* Endpoint::path(SessionId session, uint8_t path) const noexcept {
  const Place* place = impl_->find(session);
  return place == nullptr || path >= place->paths.size() || !place->paths[path].used ? nullptr : &place->paths[path].to;
}

uint8_t Endpoint::path_numbers() const noexcept { return static_cast<uint8_t>(impl_->config_.paths); }

uint32_t Endpoint::room(SessionId session, uint16_t stream) const noexcept {
  const Place* place = impl_->find(session);
  return place == nullptr || !place->live() || place->least_payload() == 0 ? 0 : place->sender.room(stream);
}

void Endpoint::submit(SessionId session, uint16_t stream, uint64_t token, uint32_t bytes, uint64_t denoted) noexcept {
  Place* place = impl_->find(session);
  assert(place != nullptr && room(session, stream) != 0);
  place->sender.submit(stream, token, bytes + kFrameOverhead, denoted);
  impl_->touch(*place);
}

bool Endpoint::carries(SessionId session, uint32_t bytes) const noexcept {
  const Place* place = impl_->find(session);
  return place != nullptr && place->live() && bytes <= place->longest_payload();
}

bool Endpoint::strand(SessionId session, uint32_t bytes, Time now) noexcept {
  Place* place = impl_->find(session);
  if (place == nullptr || !place->live() || bytes > place->longest_ever) return false;
  impl_->close_stranded(*place, bytes, place->longest_payload(), now);
  return true;
}

void Endpoint::on_backlog(uint64_t bytes, uint8_t pressure) noexcept {
  if (impl_->backlog_ == bytes && impl_->pressure_ == pressure && !impl_->delivers_) return;
  impl_->delivers_ = false;
  impl_->backlog_ = bytes;
  impl_->pressure_ = pressure;
  impl_->share_room();
}

bool Endpoint::next(Time now, Outgoing& out) noexcept { return now >= impl_->due_ && impl_->next(now, out); }

Time Endpoint::next_event(Time now) const noexcept {
  return impl_->due_ == kNever ? kNever : std::max(impl_->due_, now);
}

State Endpoint::state(SessionId session) const noexcept {
  const Place* place = impl_->find(session);
  return place == nullptr ? State::kFree : place->state;
}

uint32_t Endpoint::payload(SessionId session) const noexcept {
  const Place* place = impl_->find(session);
  return place == nullptr || !place->live() ? 0 : place->least_payload();
}

const Terms& Endpoint::peer(SessionId session) const noexcept {
  static const Terms kNobody;
  const Place* place = impl_->find(session);
  return place == nullptr ? kNobody : place->peer;
}

uint32_t Endpoint::unacknowledged(SessionId session) const noexcept {
  const Place* place = impl_->find(session);
  return place == nullptr ? 0 : place->sender.unacknowledged();
}

const EndpointCounters& Endpoint::counters() const noexcept { return impl_->counters_; }

Totals Endpoint::totals() const noexcept {
  Totals totals = impl_->ended_;
  for (const Place& place : impl_->places_) {
    if (place.state == State::kFree) continue;
    totals.sender += place.sender.counters();
    totals.receiver += place.receiver.counters();
  }
  return totals;
}

const transport::Sender* Endpoint::sender(SessionId session) const noexcept {
  const Place* place = impl_->find(session);
  return place == nullptr ? nullptr : &place->sender;
}

const transport::Receiver* Endpoint::receiver(SessionId session) const noexcept {
  const Place* place = impl_->find(session);
  return place == nullptr ? nullptr : &place->receiver;
}

std::vector<SessionId> Endpoint::all() const {
  std::vector<SessionId> ids;
  for (const Place& place : impl_->places_)
    if (place.state != State::kFree) ids.push_back(place.id);
  return ids;
}

}  // namespace pfs::session
