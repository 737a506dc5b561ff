#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "dpdk/eal_arguments.hpp"
#include "machine/tree.hpp"

namespace pfs {

/// Checks, before EAL starts, that `bytes` are to be had: as free hugepages, within the limits of the hugetlbfs mount
/// that EAL will use and of the control group, or under --no-huge as available memory. The error says what is missing
/// and the command that adds it.
Result<void> check_memory(const Tree& tree, const EalArguments& arguments, uint64_t bytes);

/// A memzone for the blob. On hugepages of NUMA node `socket` (or any other, and then says so in `note`); ordinary
/// memory under --no-huge. Contents undefined. Freed with EAL.
struct BlobMemory {
  uint8_t* data = nullptr;
  int socket = 0;
  uint64_t page_bytes = 0;
  std::string note;
};
Result<BlobMemory> reserve_blob(uint64_t bytes, int socket);

}  // namespace pfs
