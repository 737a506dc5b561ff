#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "kernels/registry.hpp"

namespace pfs {

using Bytes = std::vector<uint8_t>;

/// A kernel's answer: the RESULT's value and bytes.
struct Answer {
  uint64_t value = 0;
  Bytes bytes;
};

/// What KERNELS.md says of one kernel, in the plainest way. tests/kernels/NAME/reference.cpp registers one for the
/// kernel NAME, and then every test of all kernels covers it: in one go and in slices, over any table, at every
/// alignment and beside memory that cannot be touched, at every ISA level of the machine.
struct Reference {
  uint8_t op = 0;
  uint64_t unit = 1;  ///< bytes that every range is a multiple of
  /// A kernel that reads: its answer over all denoted bytes, of which there is at least one unit.
  std::function<Answer(const Bytes& denoted, uint64_t arg)> answer;
  /// A kernel that writes: what it makes of one byte. Its value is how many bytes it has changed.
  std::function<uint8_t(uint8_t byte, uint64_t arg)> change;
};

/// The reference of an op, or nullptr.
const Reference* find_reference(uint8_t op);

struct RegisterReference {
  explicit RegisterReference(Reference reference);
};

}  // namespace pfs
