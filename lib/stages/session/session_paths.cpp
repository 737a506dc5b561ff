#include "stages/session/session_paths.hpp"

#include <fmt/format.h>
#include <rte_ethdev.h>

#include <algorithm>
#include <utility>

namespace pfs {
namespace {

using session::SessionId;
using transport::Time;

constexpr Time kGather = transport::kSecond;               // for next hops that answer later than others
constexpr Time kLookEvery = 50 * transport::kMillisecond;  // between two looks at next hops of which nothing was heard
constexpr uint32_t kReadEvery = 4;                         // looks outside; the kernel's table is read once a second

uint32_t interface_below(const Port& port) {
  rte_eth_dev_info info{};
  return rte_eth_dev_info_get(port.id, &info) == 0 ? info.if_index : 0;
}

/// For people: the port, and who is called over it.
std::string name_of(const PathSetting& setting) {
  if (!setting.address.udp) return fmt::format("port '{}'", setting.port);
  const auto hop = setting.address.udp->next_hop();
  return fmt::format("{} on port '{}'", hop ? to_text(*hop) : "no next hop", setting.port);
}

}  // namespace

Result<std::unique_ptr<SessionPaths>> SessionPaths::create(const std::vector<PathSetting>& settings,
                                                           std::span<const Port> ports,
                                                           const transport::PathConfig& timing, Time patience) {
  std::vector<session::PathAddress> addresses;
  std::vector<KernelNeighbour> wanted;
  std::vector<size_t> places;
  for (const PathSetting& setting : settings) {
    const auto port = std::ranges::find(ports, setting.port, &Port::name);
    addresses.push_back(address_of(setting, *port));
    const session::PathAddress& address = addresses.back();
    const auto hop = address.kernel && !address.peer ? address.udp->next_hop() : std::nullopt;
    places.push_back(hop ? wanted.size() : SIZE_MAX);
    if (hop) wanted.push_back({.interface = interface_below(*port), .ip = *hop});
  }
  std::unique_ptr<SessionPaths> paths(new SessionPaths(settings, addresses, timing, patience));
  for (size_t i = 0; i < places.size(); ++i) paths->paths_[i].kernel = places[i];
  if (wanted.empty()) return paths;
  auto table = KernelTable::open(std::move(wanted), settings.front().where);
  if (!table) return tl::unexpected(table.error());
  paths->table_ = std::move(*table);
  return paths;
}

SessionPaths::SessionPaths(const std::vector<PathSetting>& settings, std::span<const session::PathAddress> addresses,
                           const transport::PathConfig& timing, Time patience)
    : addressing_(addresses), timing_(timing), patience_(patience) {
  for (const PathSetting& setting : settings) paths_.push_back({.name = name_of(setting)});
  dialled_by_.reserve(paths_.size());
}

/// Headers of all paths, as far as next hops are known. True if all are.
bool SessionPaths::resolve(Time now) noexcept {
  bool all = true;
  for (size_t i = 0; i < paths_.size(); ++i) {
    const auto headers = addressing_.resolve(i, now);
    paths_[i].ready = headers.has_value();
    all = all && headers;
    if (headers)
      paths_[i].known = {.to = {.port = addressing_.paths()[i].port, .encapsulation = *headers},
                         .payload = addressing_.payload(i),
                         .timing = timing_};
  }
  return all;
}

void SessionPaths::ask_kernel(Time now) noexcept {
  for (size_t i = 0; table_ && i < paths_.size(); ++i) {
    if (paths_[i].kernel == SIZE_MAX) continue;
    const auto mac = table_->find(paths_[i].kernel);
    if (!mac || mac == paths_[i].told) continue;
    addressing_.learn(i, *mac, now);
    paths_[i].told = mac;
  }
}

SessionPaths::Dialled SessionPaths::dial(session::Endpoint& endpoint, Time now) noexcept {
  if (began_ == 0) began_ = std::max<Time>(now, 1);
  if (now < look_at_ && addressing_.changes() == seen_) return {};
  look_at_ = now + kLookEvery;
  ask_kernel(now);
  const bool all = resolve(now);
  seen_ = addressing_.changes();
  const bool some = std::ranges::any_of(paths_, &Path::ready);
  if (!some || (!all && now - began_ < kGather)) return {.failed = !some && now - began_ > patience_};
  for (Path& path : paths_) {
    if (!path.ready) continue;
    path.slot = slots_++;
    dialled_by_.push_back(path.known);
  }
  const SessionId id = endpoint.dial(dialled_by_, now);
  return {.session = id, .failed = id == session::kNoSession};
}

void SessionPaths::begin_anew() noexcept {
  for (Path& path : paths_) path.slot.reset();
  dialled_by_.clear();
  slots_ = 0;
  began_ = look_at_ = 0;
}

void SessionPaths::look(session::Endpoint& endpoint, SessionId dialled, Time now) noexcept {
  if (now < look_at_ && addressing_.changes() == seen_) return;
  look_at_ = now + kLookEvery;
  ask_kernel(now);
  resolve(now);  // which has old addresses asked for again
  if (addressing_.changes() == seen_) return;
  seen_ = addressing_.changes();
  if (dialled != session::kNoSession) readdress(endpoint, dialled, now);
}

/// The session that was opened from here. A path whose next hop went missing keeps the headers that it had.
void SessionPaths::readdress(session::Endpoint& endpoint, SessionId dialled, Time now) noexcept {
  for (Path& path : paths_) {
    if (!path.ready) continue;
    if (path.slot)
      endpoint.readdress(dialled, *path.slot, path.known.to);
    else if (endpoint.add_path(dialled, path.known, now))
      path.slot = slots_++;
  }
}

void SessionPaths::doubt(Time now) noexcept {
  for (size_t i = 0; i < paths_.size(); ++i) addressing_.doubt(i, now);
}

void SessionPaths::look_outside() noexcept {
  if (table_ && ++looks_ % kReadEvery == 0) table_->refresh();
}

std::string SessionPaths::words() const {
  std::string names;
  for (const Path& path : paths_)
    if (!path.ready) names += (names.empty() ? "" : ", ") + path.name;
  return fmt::format("{} does not answer", names);
}

}  // namespace pfs
