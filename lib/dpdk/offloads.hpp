#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pfs {

/// The bits of those named offloads that the device has. An offload that the device lacks becomes a line of `notes`.
uint64_t grant_offloads(const std::vector<std::string>& asked, uint64_t capable, bool receive,
                        std::vector<std::string>& notes);

}  // namespace pfs
