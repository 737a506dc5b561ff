#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "wire/drop.hpp"

namespace pfs {

/// Where every frame went. It closes: received + built = processed + transmitted + dropped + in flight.
struct Ledger {
  uint64_t received = 0;     ///< frames that came from devices
  uint64_t built = 0;        ///< frames made here: grams sent, RESULTs, ACKs
  uint64_t processed = 0;    ///< received frames whose walk ended as it should
  uint64_t transmitted = 0;  ///< built frames that a device took
  std::array<uint64_t, kDropCount> dropped{};
  uint64_t in_flight = 0;  ///< in stages and rings, counted there and not derived from the rest

  [[nodiscard]] uint64_t dropped_total() const noexcept;
  /// Frames that left, by whatever way.
  [[nodiscard]] uint64_t left() const noexcept { return processed + transmitted + dropped_total(); }
  /// What is unaccounted for; 0 once the run has ended. While it runs, counters move between two reads.
  [[nodiscard]] int64_t residual() const noexcept;
  [[nodiscard]] std::string text() const;
};

}  // namespace pfs
