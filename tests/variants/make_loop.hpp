#pragma once

#include <span>
#include <string>
#include <utility>

#include "loops.hpp"

namespace pfs::variants {

/// The loop of these variants, of which `chosen` is what the dataplane runs. `run(variant, input)` gives the outcome.
template <class Function, class Run>
Loop loop(std::string name, std::span<const Variant<Function>> variants, Chosen<Function>& chosen, Run run) {
  return {std::move(name), [=](Isa isa, Input& in) { return run(pick(variants, isa), in); },
          [=, &chosen](Input& in, Outcome& outcome) {
            outcome = run(chosen.load(), in);
            return chosen.load() == pick(variants, active_isa());
          }};
}

}  // namespace pfs::variants
