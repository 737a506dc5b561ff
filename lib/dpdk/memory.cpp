#include "dpdk/memory.hpp"

#include <fmt/format.h>
#include <rte_errno.h>
#include <rte_memzone.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <vector>

#include "base/units.hpp"

namespace pfs {
namespace {

constexpr const char* kHugepages = "/sys/kernel/mm/hugepages";

struct PageSize {
  uint64_t bytes = 0;
  uint64_t free = 0;
  uint64_t total = 0;
};

uint64_t read_number(const std::filesystem::path& path) {
  uint64_t value = 0;
  std::ifstream(path) >> value;
  return value;
}

std::vector<PageSize> page_sizes() {
  std::vector<PageSize> sizes;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(kHugepages, none)) {
    const std::string name = entry.path().filename();  // hugepages-2048kB
    uint64_t kib = 0;
    std::from_chars(name.data() + name.find('-') + 1, name.data() + name.size(), kib);
    sizes.push_back({.bytes = kib * kKiB,
                     .free = read_number(entry.path() / "free_hugepages"),
                     .total = read_number(entry.path() / "nr_hugepages")});
  }
  return sizes;
}

uint64_t available_memory() {
  std::ifstream meminfo("/proc/meminfo");
  for (std::string key; meminfo >> key;) {
    uint64_t kib = 0;
    if (key == "MemAvailable:" && meminfo >> kib) return kib * kKiB;
    meminfo.ignore(1024, '\n');
  }
  return 0;
}

}  // namespace

Result<void> check_memory(uint64_t bytes, bool no_huge) {
  if (no_huge) {
    if (const uint64_t available = available_memory(); bytes > available)
      return fail("memory",
                  fmt::format("{} are needed, {} are available", format_bytes(bytes), format_bytes(available)),
                  "lower blob.size");
    return {};
  }
  uint64_t free = 0;
  PageSize smallest{.bytes = 2 * kMiB};
  for (const PageSize& size : page_sizes()) {
    free += size.bytes * size.free;
    if (size.bytes <= smallest.bytes) smallest = size;
  }
  if (bytes <= free) return {};
  const uint64_t missing = (bytes - free + smallest.bytes - 1) / smallest.bytes;
  return fail("hugepages",
              fmt::format("{} are needed, {} are free: {} pages of {} are missing", format_bytes(bytes),
                          format_bytes(free), missing, format_bytes(smallest.bytes)),
              fmt::format("run `echo {} > {}/hugepages-{}kB/nr_hugepages`, or add --no-huge", smallest.total + missing,
                          kHugepages, smallest.bytes / kKiB));
}

Result<BlobMemory> reserve_blob(uint64_t bytes, int socket) {
  constexpr uint32_t kAnyPageSize = 0;
  BlobMemory memory;
  const rte_memzone* zone = rte_memzone_reserve_aligned("pfs_blob", bytes, socket, kAnyPageSize, 64);
  if (zone == nullptr && socket != SOCKET_ID_ANY) {
    zone = rte_memzone_reserve_aligned("pfs_blob", bytes, SOCKET_ID_ANY, kAnyPageSize, 64);
    memory.note = fmt::format("NUMA node {} has no room for the blob; it lies on another", socket);
  }
  if (zone == nullptr)
    return fail(
        "blob",
        fmt::format("{} of memory in one piece cannot be had ({})", format_bytes(bytes), rte_strerror(rte_errno)),
        "add hugepages, lower blob.size, or under --no-huge give a larger -m", Exit::kFailed);
  memory.data = static_cast<uint8_t*>(zone->addr);
  memory.socket = zone->socket_id;
  memory.page_bytes = zone->hugepage_sz;
  return memory;
}

}  // namespace pfs
