#include "captures.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "capture/capture.hpp"
#include "dpdk/vdev.hpp"

namespace pfs {
namespace {

/// The captures that a device reads: `net_pcap0,rx_pcap=FILE,rx_pcap=FILE`.
std::vector<std::string> captures_of(const std::string& device, const std::vector<DriverConfig>& profiles) {
  const DriverConfig* const profile = find_driver(profiles, vdev_name(device));
  if (profile == nullptr || profile->reads_captures.empty()) return {};
  const std::string key = profile->reads_captures + "=";
  std::vector<std::string> files;
  for (const std::string& argument : vdev_arguments(device))
    if (argument.starts_with(key)) files.push_back(argument.substr(key.size()));
  return files;
}

}  // namespace

Result<std::vector<std::string>> check_captures(const std::vector<std::string>& devices,
                                                const std::vector<DriverConfig>& profiles) {
  std::vector<std::string> notes;
  for (const std::string& device : devices) {
    for (const std::string& path : captures_of(device, profiles)) {
      std::error_code missing;  // a file that is not there is named when it is opened
      if (std::filesystem::exists(path, missing) && !std::filesystem::is_regular_file(path, missing))
        return fail(path, "it is no file that can be checked before the run", "save the capture as a file first");
      const auto count = check_capture(path);
      if (!count) return tl::unexpected(count.error());
      if (count->cut > 0) {
        notes.push_back(fmt::format(
            "{}: {} of {} frames were cut by the capture; those with missing units are dropped as truncated", path,
            count->cut, count->frames));
      }
    }
  }
  return notes;
}

}  // namespace pfs
