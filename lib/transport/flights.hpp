#pragma once

#include <cstdint>
#include <vector>

#include "transport/ack.hpp"
#include "transport/links.hpp"

namespace pfs::transport {

constexpr uint8_t kNoPath = UINT8_MAX;

/// A frame that was submitted and is not acknowledged: one cache line.
struct alignas(64) Flight {
  uint64_t token = 0;           ///< the caller's: what the frame is rebuilt or sent again from
  Time sent = 0;                ///< last
  uint64_t delivered_then = 0;  ///< bytes that the path had delivered when the frame was sent last
  Time delivered_at = 0;        ///< and when it had
  Time first_sent = 0;          ///< when the frame had been sent whose arrival was then the newest
  uint32_t seq = 0;
  uint32_t wire_bytes = 0;
  uint32_t previous = kNone, next = kNone;  ///< in the list that the flight is in
  uint16_t stream = 0;
  uint16_t transmissions = 0;
  uint8_t path = kNoPath;  ///< by which the frame was sent last, as long as that path is there
  bool flying = false;
  bool below = false;    ///< sent below the path's rate, so that its loss would be chance
  bool limited = false;  ///< when the frame was sent, there was less to send than the path could carry
};
static_assert(sizeof(Flight) == 64);

/// All flights of a session. The memory is taken once.
class Flights {
 public:
  explicit Flights(uint32_t count) : all_(count) {
    for (uint32_t i = 0; i < count; ++i) transport::append(all_, free_, i);
  }

  Flight& operator[](uint32_t index) noexcept { return all_[index]; }
  const Flight& operator[](uint32_t index) const noexcept { return all_[index]; }
  [[nodiscard]] uint32_t spare() const noexcept { return free_.count; }

  /// A cleared flight, in no list. Only if spare() > 0.
  uint32_t take() noexcept {
    const uint32_t index = free_.head;
    transport::remove(all_, free_, index);
    all_[index] = {};
    return index;
  }
  /// The flight that was used last is used first: its line is in the cache.
  void give_back(uint32_t index) noexcept { transport::prepend(all_, free_, index); }

  void append(List& list, uint32_t index) noexcept { transport::append(all_, list, index); }
  void prepend(List& list, uint32_t index) noexcept { transport::prepend(all_, list, index); }
  void remove(List& list, uint32_t index) noexcept { transport::remove(all_, list, index); }

 private:
  std::vector<Flight> all_;
  List free_;
};

}  // namespace pfs::transport
