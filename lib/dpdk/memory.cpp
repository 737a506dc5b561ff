#include "dpdk/memory.hpp"

#include <fmt/format.h>
#include <rte_errno.h>
#include <rte_memzone.h>

#include <algorithm>
#include <vector>

#include "base/units.hpp"
#include "machine/limits.hpp"
#include "machine/memory.hpp"

namespace pfs {
namespace {

Result<void> check_ordinary(const Tree& tree, uint64_t bytes) {
  if (const uint64_t available = available_memory(tree); bytes > available)
    return fail("memory", fmt::format("{} are needed, {} are available", format_bytes(bytes), format_bytes(available)),
                "lower blob.size");
  const auto limit = memory_limit(tree);
  if (!limit || bytes <= limit->bytes) return {};
  return fail(
      "memory",
      fmt::format("{} are needed, and the control group admits {}", format_bytes(bytes), format_bytes(limit->bytes)),
      fmt::format("raise {}, or lower blob.size", limit->file));
}

/// EAL takes the pages of one size from the first mount of this size that contains --huge-dir; without --huge-dir, from
/// the first mount of the size.
const HugeMount* mount_for(const std::vector<HugeMount>& mounts, const std::string& huge_folder, uint64_t page_bytes) {
  const auto found = std::find_if(mounts.begin(), mounts.end(), [&](const HugeMount& mount) {
    const bool holds = huge_folder.empty() || (huge_folder + "/").starts_with(mount.folder + "/");
    return mount.page_bytes == page_bytes && holds;
  });
  return found == mounts.end() ? nullptr : &*found;
}

/// Free pages of all sizes that the mounts and the control group let us have.
Result<void> check_limits(const Tree& tree, const EalArguments& arguments, uint64_t bytes,
                          const std::vector<PageSize>& sizes) {
  const std::vector<HugeMount> mounts = huge_mounts(tree);
  uint64_t within = 0;
  std::string reason, remedy;
  for (const PageSize& size : sizes) {
    uint64_t here = size.bytes * size.free;
    const HugeMount* const mount = mount_for(mounts, arguments.huge_folder, size.bytes);
    if (arguments.files && mount != nullptr && mount->limit_bytes != 0 && mount->limit_bytes < here) {
      here = mount->limit_bytes;
      reason = fmt::format("{} is mounted with size={}", mount->folder, format_bytes(here));
      remedy = fmt::format("run `mount -o remount,size={} {}`, or add --in-memory", bytes, mount->folder);
    }
    if (const auto limit = hugetlb_limit(tree, size.bytes); limit && limit->bytes < here) {
      here = limit->bytes;
      reason = fmt::format("the control group admits {}", format_bytes(here));
      remedy = fmt::format("run `echo {} > {}`", bytes, limit->file);
    }
    within += here;
  }
  if (reason.empty() || bytes <= within) return {};
  return fail("hugepages", fmt::format("{} are needed, and {}", format_bytes(bytes), reason), remedy);
}

}  // namespace

Result<void> check_memory(const Tree& tree, const EalArguments& arguments, uint64_t bytes) {
  if (arguments.no_huge) return check_ordinary(tree, bytes);
  const std::vector<PageSize> sizes = page_sizes(tree);
  const PageSize smallest = sizes.empty() ? PageSize{.bytes = 2 * kMiB} : sizes.front();
  uint64_t free = 0;
  for (const PageSize& size : sizes) free += size.bytes * size.free;
  if (bytes <= free) return check_limits(tree, arguments, bytes, sizes);
  const uint64_t missing = (bytes - free + smallest.bytes - 1) / smallest.bytes;
  return fail(
      "hugepages",
      fmt::format("{} are needed, {} are free: {} pages of {} are missing", format_bytes(bytes), format_bytes(free),
                  missing, format_bytes(smallest.bytes)),
      fmt::format("run `echo {} > {}`, or add --no-huge", smallest.total + missing, page_count_file(smallest.bytes)));
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
