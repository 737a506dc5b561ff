#pragma once

#include <string>
#include <vector>

#include "machine/tree.hpp"

namespace pfs {

/// What a look at the machine found, in one line.
struct Finding {
  enum class Grade {
    kGood,    ///< as it should be
    kAdvice,  ///< runs, but slower or less safely than it could
    kChange,  ///< a run would be refused, or would not get what it asks for
  };
  Grade grade = Grade::kGood;
  std::string subject;  ///< `hugepages`, `governor`, `0000:01:00.0`
  std::string what;
  std::string command;  ///< what to type to change it; empty for kGood

  /// `change  hugepages    there are none; run \`echo 1024 > ...\``
  [[nodiscard]] std::string line() const;
};

/// Hugepages and their mounts, limits of the control group and the process, IOMMU, network controllers and their
/// drivers, isolated CPUs, frequency governors, NUMA nodes. Nothing is changed. `want_hugepages`: runs are to use
/// hugepages, so having none is a change and no mere advice.
std::vector<Finding> inspect_machine(const Tree& tree, bool want_hugepages);

/// What a device of a pipeline needs that EAL finds by its PCI address (`0000:01:00.0`): it is there, and it is with a
/// driver for user space. Good for a device of another kind, which EAL makes itself.
Finding inspect_device(const Tree& tree, const std::string& device);

}  // namespace pfs
