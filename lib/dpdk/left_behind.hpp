#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace pfs {

/// Takes away the hugepage files of DPDK processes that are dead (`PREFIXmap_N` in a hugetlbfs mount) and returns the
/// bytes that are free again. A living process holds a lock on each of its files, and these stay.
uint64_t take_back_hugepages(const std::string& folder);

/// Whether a UNIX socket that we are going to listen on stands there though nobody listens on it any more. False for a
/// free path. An error if a process listens there, or if what is there is no socket or cannot be tried.
Result<bool> is_dead_socket(const std::string& path);

}  // namespace pfs
