#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/node.hpp"
#include "dpdk/port.hpp"
#include "session/neighbours/addressing.hpp"

namespace pfs {

/// A path as a pipeline file has it: all but what its port knows.
struct PathSetting {
  std::string where;
  std::string port;              ///< name in the pipeline file
  session::PathAddress address;  ///< port, mac and mtu are not set yet

  /// False for a path over UDP without `remote`: others reach us there, and nobody is called.
  [[nodiscard]] bool can_dial() const noexcept { return !address.udp || address.udp->remote; }
};

/// Reads a list of paths, the value of `paths` of `what` (null if it is absent); pipelines/README.md has the keys. Each
/// is checked on its own: addresses that fit together, and a way to the remote.
Result<std::vector<PathSetting>> read_paths(const Node* list, const std::string& what);

/// The path by its port, once that has started. Where a path of plain Ethernet names no peer, it has the port's.
session::PathAddress address_of(const PathSetting& path, const Port& port);

}  // namespace pfs
