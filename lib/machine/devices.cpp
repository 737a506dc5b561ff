#include "machine/devices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace pfs {
namespace {

constexpr const char* kPci = "sys/bus/pci/devices";

/// `0x8086` without what stands in front.
std::string hex_digits(const Tree& tree, const std::string& file) {
  const std::string text = tree.text(file).value_or("");
  return text.starts_with("0x") ? text.substr(2) : text;
}

/// The interface that a device has for the kernel. A virtio device has it one folder further down.
std::string interface_of(const Tree& tree, const std::string& folder) {
  std::vector<std::string> names = tree.names(folder + "net");
  for (const std::string& below : tree.names(folder))
    if (names.empty() && below.starts_with("virtio")) names = tree.names(folder + below + "/net");
  return names.empty() ? std::string() : names.front();
}

}  // namespace

std::vector<PciNic> pci_nics(const Tree& tree) {
  std::vector<PciNic> nics;
  for (const std::string& address : tree.names(kPci)) {
    const std::string folder = fmt::format("{}/{}/", kPci, address);
    if (!hex_digits(tree, folder + "class").starts_with("02")) continue;
    nics.push_back({.address = address,
                    .id = hex_digits(tree, folder + "vendor") + ":" + hex_digits(tree, folder + "device"),
                    .driver = tree.target(folder + "driver"),
                    .netdev = interface_of(tree, folder),
                    .node = std::max(0, std::atoi(tree.text(folder + "numa_node").value_or("0").c_str())),
                    .grouped = !tree.target(folder + "iommu_group").empty()});
  }
  return nics;
}

bool for_user_space(const std::string& driver) {
  return driver == "vfio-pci" || driver == "igb_uio" || driver == "uio_pci_generic";
}

bool has_iommu(const Tree& tree) { return !tree.names("sys/class/iommu").empty(); }

}  // namespace pfs
