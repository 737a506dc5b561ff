#pragma once

#include <memory>

#include "dpdk/port_gate.hpp"

namespace pfs {

/// From now on the interrupt thread unmaps memory only while no stage is inside `gate`.
///
/// memif_disconnect (memif_socket.c, DPDK 22.11 and later) runs on the interrupt thread as soon as the peer's socket
/// closes, and unmaps the peer's rings without asking whether an lcore is reading the rings at that moment. The driver
/// marks the port as not connected before the driver unmaps anything, and a burst that begins afterwards reads no ring
/// of such a port; only bursts under way have to be waited for. DPDK has no hook between the two, so this program has a
/// munmap of its own, which the drivers call instead of the C library's.
void guard_unmaps(std::shared_ptr<PortGate> gate);

}  // namespace pfs
