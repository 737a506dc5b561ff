#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/driver.hpp"

namespace pfs {

/// Reads every capture that a --vdev value names (`reads_captures` of its driver's profile) once, whole. The driver
/// itself ends a port in silence at the first frame that it cannot read, and takes frames of any link for Ethernet's.
/// Gives a note for each capture with frames that are not whole; an error for one that cannot be read to its end.
Result<std::vector<std::string>> check_captures(const std::vector<std::string>& devices,
                                                const std::vector<DriverConfig>& profiles);

}  // namespace pfs
