#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "machine/tree.hpp"

namespace pfs {

/// A bound that a control group sets on this process, and the file that says so (as a path from `/`).
struct GroupLimit {
  uint64_t bytes = 0;
  std::string file;
};

/// The lowest bound on ordinary memory in this process's group and the groups above it; nothing if there is none.
std::optional<GroupLimit> memory_limit(const Tree& tree);

/// The same for hugepages of one size.
std::optional<GroupLimit> hugetlb_limit(const Tree& tree, uint64_t page_bytes);

/// The CPUs that the cpuset of this process admits, as the kernel lists them (`0-3,8`); empty if no group says.
struct GroupCpus {
  std::string list;
  std::string file;
};
GroupCpus group_cpus(const Tree& tree);

/// A limit of /proc/self/limits by its name there (`Max locked memory`), in bytes; nothing if it is unlimited.
std::optional<uint64_t> process_limit(const Tree& tree, const std::string& name);

}  // namespace pfs
