#pragma once

#include <string>
#include <vector>

#include "machine/tree.hpp"

namespace pfs {

/// A network controller on the PCI bus.
struct PciNic {
  std::string address;   ///< 0000:01:00.0
  std::string id;        ///< vendor:device, 8086:1521
  std::string driver;    ///< of the kernel; empty if it has none
  std::string netdev;    ///< the kernel's interface, if its driver made one
  int node = 0;          ///< NUMA node
  bool grouped = false;  ///< it stands in an IOMMU group
};

/// The network controllers (PCI class 02) in order of their addresses.
std::vector<PciNic> pci_nics(const Tree& tree);

/// True if the driver hands a device to user space, so that EAL can drive it: vfio-pci, or one of the uio family.
bool for_user_space(const std::string& driver);

/// True if the kernel has an IOMMU in use.
bool has_iommu(const Tree& tree);

}  // namespace pfs
