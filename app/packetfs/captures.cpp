#include "captures.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <string_view>

#include "capture/capture.hpp"

namespace pfs {
namespace {

/// The files that a device of net_pcap reads: `net_pcap0,rx_pcap=FILE,rx_pcap=FILE,...`.
std::vector<std::string> captures_of(std::string_view vdev) {
  constexpr std::string_view kKey = "rx_pcap=";
  std::vector<std::string> files;
  if (!vdev.starts_with("net_pcap")) return files;
  while (!vdev.empty()) {
    const std::string_view argument = vdev.substr(0, vdev.find(','));
    vdev.remove_prefix(std::min(vdev.size(), argument.size() + 1));
    if (argument.starts_with(kKey)) files.emplace_back(argument.substr(kKey.size()));
  }
  return files;
}

}  // namespace

Result<std::vector<std::string>> check_captures(const std::vector<std::string>& devices) {
  std::vector<std::string> notes;
  for (const std::string& vdev : devices) {
    for (const std::string& path : captures_of(vdev)) {
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
