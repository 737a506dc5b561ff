#pragma once

#include <atomic>
#include <cstddef>
#include <span>

#include "simd/cpu.hpp"

namespace pfs {

/// One way to compute a function. Tables of variants are in rising order of `isa`; entry 0 is the scalar version,
/// which is the specification of the others.
template <class Function>
struct Variant {
  Isa isa;
  Function* run;
};

/// The last variant that runs at `isa` or below.
template <class Function>
Function* pick(std::span<const Variant<Function>> variants, Isa isa) noexcept {
  Function* chosen = variants.front().run;
  for (const auto& variant : variants) {
    if (variant.isa <= isa) chosen = variant.run;
  }
  return chosen;
}

/// A function pointer that starts at a resolver and holds the chosen variant from the first call on. Relaxed order is
/// enough: any thread that still sees the resolver picks the same variant, and code needs no publishing. A call costs
/// one load and one indirect branch; constant-initialised, so it works from other objects' constructors too.
template <class Function>
using Chosen = std::atomic<Function*>;

}  // namespace pfs
