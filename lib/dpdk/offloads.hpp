#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pfs {

/// The bits of the named offloads that the device has. What it lacks goes into `notes` ("asked, not there").
uint64_t grant_offloads(const std::vector<std::string>& asked, uint64_t capable, bool receive,
                        std::vector<std::string>& notes);

}  // namespace pfs
