#include "machine/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <vector>

#include "base/units.hpp"

namespace pfs {
namespace {

constexpr uint64_t kNoLimit = 1ull << 60;  // version 1 writes "no limit" as a number near 2^63

/// The folders of this process's group and of all above it, innermost first, for one controller of version 1 (its name)
/// or for version 2 (an empty name).
std::vector<std::string> group_folders(const Tree& tree, const std::string& controller) {
  std::istringstream lines(tree.text("proc/self/cgroup").value_or(""));
  for (std::string line; std::getline(lines, line);) {
    const size_t names = line.find(':');
    const size_t path = line.find(':', names + 1);
    if (names == std::string::npos || path == std::string::npos) continue;
    const std::string controllers = fmt::format(",{},", line.substr(names + 1, path - names - 1));
    if (controller.empty() ? controllers != ",,"
                           : controllers.find(fmt::format(",{},", controller)) == std::string::npos)
      continue;
    const std::string own = line.substr(path + 1);
    std::string base = "sys/fs/cgroup";
    if (!controller.empty()) base += "/" + controller;
    if (controller.empty() && tree.has("sys/fs/cgroup/unified")) base += "/unified";
    std::vector<std::string> folders;
    for (std::string at = own == "/" ? "" : own;; at.resize(at.rfind('/'))) {
      folders.push_back(base + at);
      if (at.find('/') == std::string::npos) return folders;
    }
  }
  return {};
}

/// The lowest number that any of the files holds.
std::optional<GroupLimit> lowest(const Tree& tree, const std::string& controller, const std::string& first_version,
                                 const std::string& second_version) {
  std::optional<GroupLimit> least;
  const auto look = [&](const std::vector<std::string>& folders, const std::string& name) {
    for (const std::string& folder : folders) {
      const std::string file = fmt::format("{}/{}", folder, name);
      const std::optional<uint64_t> bytes = tree.number(file);  // `max` is no number
      if (bytes && *bytes < kNoLimit && (!least || *bytes < least->bytes)) least = GroupLimit{*bytes, "/" + file};
    }
  };
  look(group_folders(tree, controller), first_version);
  look(group_folders(tree, ""), second_version);
  return least;
}

/// `2MB`, `1GB`, `64KB`: a page size in the names of hugetlb's files.
std::string short_size(uint64_t bytes) {
  if (bytes >= kGiB) return fmt::format("{}GB", bytes / kGiB);
  if (bytes >= kMiB) return fmt::format("{}MB", bytes / kMiB);
  return fmt::format("{}KB", bytes / kKiB);
}

}  // namespace

std::optional<GroupLimit> memory_limit(const Tree& tree) {
  return lowest(tree, "memory", "memory.limit_in_bytes", "memory.max");
}

std::optional<GroupLimit> hugetlb_limit(const Tree& tree, uint64_t page_bytes) {
  const std::string size = short_size(page_bytes);
  return lowest(tree, "hugetlb", "hugetlb." + size + ".limit_in_bytes", "hugetlb." + size + ".max");
}

GroupCpus group_cpus(const Tree& tree) {
  const auto look = [&](const std::string& controller, const char* name) -> GroupCpus {
    for (const std::string& folder : group_folders(tree, controller)) {
      const std::string list = tree.text(folder + "/" + name).value_or("");
      if (!list.empty()) return {list, "/" + folder + "/" + name};
    }
    return {};
  };
  const GroupCpus found = look("cpuset", "cpuset.effective_cpus");
  return found.list.empty() ? look("", "cpuset.cpus.effective") : found;
}

std::optional<uint64_t> process_limit(const Tree& tree, const std::string& name) {
  std::istringstream lines(tree.text("proc/self/limits").value_or(""));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(name)) continue;
    uint64_t soft = 0;
    if (std::istringstream(line.substr(name.size())) >> soft) return soft;
  }
  return std::nullopt;
}

}  // namespace pfs
