#pragma once

#include <atomic>
#include <cstdint>

namespace pfs {

/// What this process has taken from its peers and not worked off yet. Stages that take grams write, stages that grant
/// peers more read; any lcore may do either.
struct Backlog {
  std::atomic<uint64_t> bytes{0};   ///< that grams which are not yet released denote
  std::atomic<uint32_t> grams{0};   ///< not yet released
  std::atomic<uint32_t> places{0};  ///< grams that there can be
};

}  // namespace pfs
