#pragma once

#include <array>

#include "base/counter.hpp"
#include "session/endpoint.hpp"
#include "session/neighbours/addressing.hpp"
#include "stages/figures.hpp"

namespace pfs {

/// All that a process's sessions count, as their lcore sees it.
struct SessionReading {
  session::Totals totals;
  session::EndpointCounters endpoint;
  session::AddressingCounters addressing;
  uint64_t lines_withheld = 0;  ///< of the log
};

/// The same for other threads, as figures of the stages session_in and session_out.
class SessionFigures {
 public:
  enum class Of : uint8_t { kIn, kOut };

  void publish(const SessionReading& reading) noexcept;
  /// Figures of one of the stages. They refer to this object.
  [[nodiscard]] StageFigures figures(Of stage) const;

 private:
  static constexpr size_t kMost = 40;
  std::array<Counter, kMost> counters_;  // in the order of the table
};

}  // namespace pfs
