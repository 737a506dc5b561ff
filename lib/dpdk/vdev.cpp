#include "dpdk/vdev.hpp"

#include <fmt/format.h>
#include <rte_ethdev.h>

#include <algorithm>
#include <optional>
#include <span>
#include <sstream>

#include "base/escape.hpp"
#include "dpdk/eal_cause.hpp"
#include "dpdk/left_behind.hpp"

namespace pfs {
namespace {

bool has(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// `zero-copy=` of `zero-copy=no`.
std::string key_of(const std::string& argument) { return argument.substr(0, argument.find('=') + 1); }

Result<void> check_fixed(const std::string& device, const DriverConfig& profile) {
  for (const std::string& argument : vdev_arguments(device))
    for (const std::string& fixed : profile.fixed_arguments)
      if (argument != fixed && argument.starts_with(key_of(fixed)))
        return fail("--vdev " + escape(device),
                    fmt::format("{} is not safe with this driver ({})", quote(argument), profile.path),
                    fmt::format("write {}, or leave it out", fixed));
  return {};
}

/// The socket that the device will listen on, or nothing.
std::string socket_of(const std::string& device, const DriverConfig& profile) {
  const std::vector<std::string> arguments = vdev_arguments(device);
  const auto given = [&](const std::string& word) { return has(arguments, word); };
  if (profile.listens_at.empty() || !std::all_of(profile.listens_if.begin(), profile.listens_if.end(), given))
    return {};
  for (const std::string& argument : arguments)
    if (argument.starts_with(profile.listens_at + "=")) return argument.substr(profile.listens_at.size() + 1);
  return {};
}

/// The lines that were logged while EAL probed one device: EAL tells the end of a failed probe by the device's name.
std::span<const LogLine> lines_of_probe(std::span<const LogLine> lines, const std::string& name) {
  size_t first = 0;
  for (size_t at = 0; at < lines.size(); ++at) {
    if (lines[at].text.find("failed to initialize ") == std::string::npos) continue;
    if (lines[at].text.find(" " + name + " ") != std::string::npos) return lines.subspan(first, at - first);
    first = at + 1;
  }
  return lines;
}

}  // namespace

std::string vdev_name(const std::string& device) { return device.substr(0, device.find(',')); }

std::vector<std::string> vdev_arguments(const std::string& device) {
  std::vector<std::string> arguments;
  std::istringstream parts(device);
  std::string part;
  std::getline(parts, part, ',');  // the name
  while (std::getline(parts, part, ',')) arguments.push_back(part);
  return arguments;
}

Result<std::vector<std::string>> check_vdevs(const std::vector<std::string>& devices,
                                             const std::vector<DriverConfig>& profiles) {
  std::vector<std::string> dead;
  std::vector<std::string> ours;  // sockets of devices before: memif's server may have several ids on one
  for (const std::string& device : devices) {
    const DriverConfig* const profile = find_driver(profiles, vdev_name(device));
    if (profile == nullptr) continue;
    if (auto safe = check_fixed(device, *profile); !safe) return tl::unexpected(safe.error());
    const std::string socket = socket_of(device, *profile);
    if (socket.empty() || has(ours, socket)) continue;
    const Result<bool> is_dead = is_dead_socket(socket);
    if (!is_dead)
      return fail("--vdev " + escape(device), is_dead.error().where + ": " + is_dead.error().what,
                  is_dead.error().hint);
    if (*is_dead) dead.push_back(socket);
    ours.push_back(socket);
  }
  return dead;
}

void complete_vdevs(EalArguments& eal, const std::vector<DriverConfig>& profiles) {
  for (std::string& device : eal.devices) {
    const DriverConfig* const profile = find_driver(profiles, vdev_name(device));
    if (profile == nullptr) continue;
    const std::vector<std::string> given = vdev_arguments(device);
    std::string completed = device;
    for (const std::string& argument : profile->default_arguments)
      if (std::none_of(given.begin(), given.end(),
                       [&](const std::string& other) { return other.starts_with(key_of(argument)); }))
        completed += "," + argument;
    for (std::string& word : eal.words)
      if (word == device || word == "--vdev=" + device)
        word.replace(word.size() - device.size(), device.size(), completed);
    device = completed;
  }
}

Result<void> check_probed(const std::vector<std::string>& devices, const std::vector<LogLine>& lines) {
  for (const std::string& device : devices) {
    uint16_t id = 0;
    const std::string name = vdev_name(device);
    if (!name.starts_with("net_") || rte_eth_dev_get_port_by_name(name.c_str(), &id) == 0) continue;
    const std::optional<Cause> cause = find_cause(lines_of_probe(lines, name));
    if (cause) return fail("--vdev " + device, cause->what, cause->remedy);
    return fail("--vdev " + device, "EAL made no device of it", "--log-level=debug shows why");
  }
  return {};
}

}  // namespace pfs
