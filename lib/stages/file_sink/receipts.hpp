#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "stages/file_sink/file_sender.hpp"
#include "wire/sending/writer.hpp"

namespace pfs {

/// What a sender is told of its file.
struct Receipt {
  Asker asker;
  std::array<uint8_t, extension_bytes(kReceiptFixedBytes)> unit{};
};

/// The receipts that are to be given, in a bounded table: each once, and again where it was not taken. Behind a session
/// what was taken arrives. All times are ticks of one clock.
class Receipts {
 public:
  /// `most`: receipts at once; then the oldest one is given up for a new one. `every`: between two attempts.
  Receipts(size_t most, uint64_t every) : most_(most), every_(every) { all_.reserve(most); }

  /// A receipt to be given from the next poll() on.
  void add(const Receipt& receipt) {
    if (all_.size() == most_) all_.erase(all_.begin());
    all_.push_back({.receipt = receipt});
    next_ = 0;
  }

  /// Gives what is due by `send(receipt)`, which returns whether the receipt was taken. Returns how many were tried.
  template <class Send>
  uint32_t poll(uint64_t now, Send&& send) {
    if (now < next_) return 0;
    uint32_t tried = 0;
    next_ = UINT64_MAX;
    std::erase_if(all_, [&](Due& due) {
      if (now >= due.next) {
        ++tried;
        if (send(std::as_const(due.receipt))) return true;
        due.next = now + every_;
      }
      next_ = std::min(next_, due.next);
      return false;
    });
    return tried;
  }

  [[nodiscard]] bool empty() const noexcept { return all_.empty(); }

 private:
  struct Due {
    Receipt receipt;
    uint64_t next = 0;  // of the next attempt
  };

  size_t most_;
  uint64_t every_;
  std::vector<Due> all_;
  uint64_t next_ = UINT64_MAX;  // when there may be something to do
};

}  // namespace pfs
