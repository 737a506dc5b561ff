#pragma once

#include <atomic>
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

template <class Function>
class Loop;

/// A function with variants, called like any function. The first call chooses the variant for the active level; every
/// call costs one load and one indirect branch. A loop is declared in its header, and its source file says
///
///   constexpr Variant<NameFunction> kVariants[] = {{Isa::kScalar, name_scalar}, ...};
///   constinit Loop<NameFunction> name{kVariants, Loop<NameFunction>::choose_first<name>};
///
/// so that the loop is constant-initialised and works from other objects' constructors as well.
template <class Result, class... Arguments>
class Loop<Result(Arguments...) noexcept> {
 public:
  using Function = Result(Arguments...) noexcept;

  constexpr Loop(std::span<const Variant<Function>> variants, Function* first) noexcept
      : run_(first), first_(first), variants_(variants) {}

  Result operator()(Arguments... arguments) const noexcept {
    return run_.load(std::memory_order_relaxed)(arguments...);
  }

  /// The variants that this build has, scalar first.
  [[nodiscard]] std::span<const Variant<Function>> variants() const noexcept { return variants_; }

  /// The variant that calls run, chosen now if no call has chosen it yet.
  [[nodiscard]] Function* chosen() noexcept {
    if (run_.load(std::memory_order_relaxed) == first_) {
      // Relaxed order is enough: a thread that still sees the first function picks the same variant, and code needs no
      // publishing.
      run_.store(pick(variants_, active_isa()), std::memory_order_relaxed);
    }
    return run_.load(std::memory_order_relaxed);
  }

  /// What the loop `kSelf` runs until a variant is chosen.
  template <auto& kSelf>
  static Result choose_first(Arguments... arguments) noexcept {
    return kSelf.chosen()(arguments...);
  }

 private:
  std::atomic<Function*> run_;
  Function* first_;
  std::span<const Variant<Function>> variants_;
};

}  // namespace pfs
