#pragma once

#include <string>
#include <utility>

#include "loops.hpp"

namespace pfs::variants {

/// A loop under its name; `run(variant, input)` gives the outcome.
template <class Function, class Run>
Tested loop(std::string name, pfs::Loop<Function>& loop, Run run) {
  return {std::move(name), [&loop, run](Isa isa, Input& in) { return run(pick(loop.variants(), isa), in); },
          [&loop, run](Input& in, Outcome& outcome) {
            outcome = run(loop.chosen(), in);
            return loop.chosen() == pick(loop.variants(), active_isa());
          }};
}

}  // namespace pfs::variants
