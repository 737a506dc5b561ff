#pragma once

#include <functional>
#include <string>
#include <vector>

#include "input.hpp"
#include "simd/loop.hpp"

namespace pfs::variants {

/// A loop as the tests see it.
struct Tested {
  std::string name;
  /// Runs what is picked at a level, the scalar version at kScalar.
  std::function<Outcome(Isa, Input&)> at;
  /// Runs what the dataplane would run; false if that is not what is picked at the active level.
  std::function<bool(Input&, Outcome&)> chosen;
};

/// Loops over bytes, and loops over references, descriptors and packed arrays. A new one is one entry in either.
std::vector<Tested> byte_loops();
std::vector<Tested> table_loops();

}  // namespace pfs::variants
