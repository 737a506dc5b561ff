#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/driver.hpp"
#include "dpdk/eal_arguments.hpp"
#include "dpdk/eal_log.hpp"

namespace pfs {

/// The device's name in a --vdev value: `net_memif0` of `net_memif0,role=server,id=0`.
std::string vdev_name(const std::string& device);

/// The arguments in a --vdev value, in order: `role=server`, `id=0`.
std::vector<std::string> vdev_arguments(const std::string& device);

/// Checks the values of --vdev against what the drivers' profiles say of their arguments, before EAL makes devices of
/// them. Gives the sockets of dead processes that stand where a device is going to listen, and changes nothing.
Result<std::vector<std::string>> check_vdevs(const std::vector<std::string>& devices,
                                             const std::vector<DriverConfig>& profiles);

/// Adds to each device what its driver's profile gives devices of which the command line says nothing else.
void complete_vdevs(EalArguments& eal, const std::vector<DriverConfig>& profiles);

/// Makes sure that EAL made a port of every network device of --vdev: EAL itself starts without those whose probe
/// failed. The error names the cause that `lines`, logged while EAL started, tell.
Result<void> check_probed(const std::vector<std::string>& devices, const std::vector<LogLine>& lines);

}  // namespace pfs
