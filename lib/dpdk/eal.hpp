#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace pfs {

/// What the EAL arguments ask for that concerns us, read before EAL sees them.
struct EalWishes {
  bool no_huge = false;  ///< --no-huge
  bool amount = false;   ///< -m or --socket-mem is given
  bool simd = false;     ///< --force-max-simd-bitwidth is given; without it EAL's own default says nothing about us
  bool help = false;     ///< -h or --help
};
EalWishes read_eal_wishes(const std::vector<std::string>& arguments);

/// A running EAL. One a process; cleans up when it goes.
class Eal {
 public:
  /// `arguments`: program name first. What EAL prints is held back: shown when it starts, boiled down to one line
  /// when it does not.
  static Result<Eal> start(const std::vector<std::string>& arguments);
  Eal(Eal&& other) noexcept;
  Eal& operator=(Eal&&) = delete;
  ~Eal();

 private:
  Eal() = default;
  bool running_ = true;
};

/// --force-max-simd-bitwidth as EAL took it.
uint32_t eal_simd_bits() noexcept;

/// Ticks of the TSC a second, as EAL measured them.
uint64_t ticks_per_second() noexcept;

}  // namespace pfs
