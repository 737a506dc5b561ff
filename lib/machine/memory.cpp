#include "machine/memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <sstream>

#include "base/units.hpp"

namespace pfs {
namespace {

constexpr const char* kHugepages = "sys/kernel/mm/hugepages";

/// `8M`, `2048K`, `1G`, `4096`: how the kernel prints sizes of mounts. 0 if it is none.
uint64_t kernel_size(std::string_view text) {
  uint64_t value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return 0;
  const char unit = rest == text.data() + text.size() ? ' ' : static_cast<char>(std::toupper(*rest));
  return unit == 'K' ? value * kKiB : unit == 'M' ? value * kMiB : unit == 'G' ? value * kGiB : value;
}

/// The value of `key=` among a mount's options, or nothing.
std::string option(const std::string& options, const std::string& key) {
  std::istringstream each(options);
  for (std::string word; std::getline(each, word, ',');)
    if (word.starts_with(key + "=")) return word.substr(key.size() + 1);
  return {};
}

/// /proc/meminfo's line of this name, in bytes.
uint64_t meminfo(const Tree& tree, const std::string& name) {
  std::istringstream lines(tree.text("proc/meminfo").value_or(""));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(name + ":")) continue;
    uint64_t kib = 0;
    std::istringstream(line.substr(name.size() + 1)) >> kib;
    return kib * kKiB;
  }
  return 0;
}

}  // namespace

std::vector<PageSize> page_sizes(const Tree& tree) {
  std::vector<PageSize> sizes;
  for (const std::string& name : tree.names(kHugepages)) {
    constexpr std::string_view kPrefix = "hugepages-";
    if (!name.starts_with(kPrefix)) continue;
    const std::string folder = fmt::format("{}/{}/", kHugepages, name);
    const uint64_t free = tree.number(folder + "free_hugepages").value_or(0);
    const uint64_t promised = tree.number(folder + "resv_hugepages").value_or(0);
    sizes.push_back({.bytes = kernel_size(std::string_view(name).substr(kPrefix.size())),
                     .free = free - std::min(free, promised),
                     .total = tree.number(folder + "nr_hugepages").value_or(0)});
  }
  std::sort(sizes.begin(), sizes.end(), [](const PageSize& a, const PageSize& b) { return a.bytes < b.bytes; });
  return sizes;
}

std::vector<HugeMount> huge_mounts(const Tree& tree) {
  std::vector<HugeMount> mounts;
  std::istringstream lines(tree.text("proc/mounts").value_or(""));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string device, folder, type, options;
    words >> device >> folder >> type >> options;
    if (type != "hugetlbfs") continue;
    const uint64_t page = kernel_size(option(options, "pagesize"));
    mounts.push_back({.folder = folder,
                      .page_bytes = page != 0 ? page : meminfo(tree, "Hugepagesize"),
                      .limit_bytes = kernel_size(option(options, "size"))});
  }
  return mounts;
}

uint64_t available_memory(const Tree& tree) { return meminfo(tree, "MemAvailable"); }

std::string page_count_file(uint64_t page_bytes) {
  return fmt::format("/{}/hugepages-{}kB/nr_hugepages", kHugepages, page_bytes / kKiB);
}

}  // namespace pfs
