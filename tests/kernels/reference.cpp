#include "reference.hpp"

#include <map>

namespace pfs {
namespace {

std::map<uint8_t, Reference>& references() {
  static std::map<uint8_t, Reference> all;  // filled by static objects, so it must come to life on first use
  return all;
}

}  // namespace

const Reference* find_reference(uint8_t op) {
  const auto found = references().find(op);
  return found == references().end() ? nullptr : &found->second;
}

RegisterReference::RegisterReference(Reference reference) { references()[reference.op] = std::move(reference); }

}  // namespace pfs
