#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace pfs {

/// Reads every capture that a --vdev value names for net_pcap (`net_pcap0,rx_pcap=FILE`) once, whole. The driver
/// itself ends a port in silence at the first frame that it cannot read, and takes frames of any link for Ethernet's.
/// Gives a note for each capture with frames that are not whole; an error for one that cannot be read to its end.
Result<std::vector<std::string>> check_captures(const std::vector<std::string>& devices);

}  // namespace pfs
