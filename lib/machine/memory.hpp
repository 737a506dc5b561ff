#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "machine/tree.hpp"

namespace pfs {

/// One size of hugepages that the kernel has, and how many pages of this size there are.
struct PageSize {
  uint64_t bytes = 0;
  uint64_t free = 0;   ///< pages that nobody has mapped or been promised
  uint64_t total = 0;  ///< pages
};
/// In ascending order of their size.
std::vector<PageSize> page_sizes(const Tree& tree);

/// A hugetlbfs mount, from /proc/mounts.
struct HugeMount {
  std::string folder;
  uint64_t page_bytes = 0;
  uint64_t limit_bytes = 0;  ///< `size=` of the mount; 0: none
};
std::vector<HugeMount> huge_mounts(const Tree& tree);

/// Bytes of ordinary memory that can be had without swapping (MemAvailable); 0 if unknown.
uint64_t available_memory(const Tree& tree);

/// The file below /sys that sets how many pages of a size there are, as a path from `/`.
std::string page_count_file(uint64_t page_bytes);

}  // namespace pfs
