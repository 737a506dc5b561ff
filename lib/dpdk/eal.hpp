#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "dpdk/eal_arguments.hpp"

namespace pfs {

/// A running EAL. One a process; cleans up when it goes.
class Eal {
 public:
  /// Starts EAL and makes sure that every network device of --vdev is there. What EAL and its drivers log is kept; the
  /// error is the one line of it that names the cause. The run directory that EAL makes goes away with the process.
  static Result<Eal> start(const EalArguments& arguments);
  Eal(Eal&& other) noexcept;
  Eal& operator=(Eal&&) = delete;
  ~Eal();

  /// What EAL and its drivers warned of while they started, a line each.
  [[nodiscard]] const std::vector<std::string>& notes() const noexcept { return notes_; }

 private:
  Eal() = default;
  bool running_ = true;
  std::vector<std::string> notes_;
};

/// --force-max-simd-bitwidth as EAL took it.
uint32_t eal_simd_bits() noexcept;

/// Ticks of the TSC a second, as EAL measured them.
uint64_t ticks_per_second() noexcept;

}  // namespace pfs
