#pragma once

#include <cstdint>
#include <vector>

#include "transport/ack.hpp"

namespace pfs::transport {

constexpr uint32_t kNone = UINT32_MAX;  ///< no flight

/// A frame that was submitted and is not acknowledged.
struct Flight {
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
  uint8_t path = 0;  ///< by which the frame was sent last
  bool flying = false;
  bool limited = false;  ///< when the frame was sent, there was less to send than the path could carry
};

/// A list of flights, threaded through them. Each flight is in one list at most.
struct FlightList {
  uint32_t head = kNone;
  uint32_t tail = kNone;
  uint32_t count = 0;
};

/// All flights of a session. The memory is taken once.
class Flights {
 public:
  explicit Flights(uint32_t count) : all_(count) {
    for (uint32_t i = 0; i < count; ++i) append(free_, i);
  }

  Flight& operator[](uint32_t index) noexcept { return all_[index]; }
  const Flight& operator[](uint32_t index) const noexcept { return all_[index]; }
  [[nodiscard]] uint32_t spare() const noexcept { return free_.count; }

  /// A cleared flight, in no list. Only if spare() > 0.
  uint32_t take() noexcept {
    const uint32_t index = free_.head;
    remove(free_, index);
    all_[index] = {};
    return index;
  }
  void give_back(uint32_t index) noexcept { append(free_, index); }

  void append(FlightList& list, uint32_t index) noexcept {
    all_[index].previous = list.tail;
    all_[index].next = kNone;
    (list.tail == kNone ? list.head : all_[list.tail].next) = index;
    list.tail = index;
    ++list.count;
  }
  void prepend(FlightList& list, uint32_t index) noexcept {
    all_[index].previous = kNone;
    all_[index].next = list.head;
    (list.head == kNone ? list.tail : all_[list.head].previous) = index;
    list.head = index;
    ++list.count;
  }
  void remove(FlightList& list, uint32_t index) noexcept {
    const Flight& flight = all_[index];
    (flight.previous == kNone ? list.head : all_[flight.previous].next) = flight.next;
    (flight.next == kNone ? list.tail : all_[flight.next].previous) = flight.previous;
    --list.count;
  }

 private:
  std::vector<Flight> all_;
  FlightList free_;
};

}  // namespace pfs::transport
