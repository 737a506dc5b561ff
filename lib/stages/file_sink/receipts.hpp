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
  FileSender sender;
  Asker asker;
  std::array<uint8_t, extension_bytes(kReceiptFixedBytes)> unit{};
};

/// The receipts that are being given, in a bounded table. Where what is given away arrives, a receipt is given once;
/// where it may get lost, again and again for a bounded time. All times are ticks of one clock.
class Receipts {
 public:
  /// What became of a receipt that was given away.
  enum class Fate : uint8_t { kTaken, kNotTaken, kUnwanted };

  /// `most`: receipts at once; then the oldest one is given up for a new one. `every`: between two of the same file,
  /// and between two attempts of one that was not taken. `linger`: how long one that may get lost is repeated.
  Receipts(size_t most, uint64_t every, uint64_t linger) : most_(most), every_(every), linger_(linger) {
    all_.reserve(most);
  }

  /// A receipt to be given from the next poll() on, in place of what the sender is still told. `arrives`: once it has
  /// been taken.
  void add(const Receipt& receipt, bool arrives) {
    stop(receipt.sender);
    if (all_.size() == most_) all_.erase(all_.begin());
    all_.push_back({.receipt = receipt, .arrives = arrives});
    next_ = 0;
  }

  /// Gives what is due by `send(receipt)`, which returns its Fate. Returns how many were given.
  template <class Send>
  uint32_t poll(uint64_t now, Send&& send) {
    if (now < next_) return 0;
    uint32_t given = 0;
    next_ = UINT64_MAX;
    std::erase_if(all_, [&](Due& due) {
      if (due.tried && !due.arrives && now >= due.until) return true;
      if (!due.tried || now >= due.next) {
        if (!due.tried) due.until = now + linger_;
        due.next = now + every_;
        due.tried = true;
        ++given;
        const Fate fate = send(std::as_const(due.receipt));
        if (fate == Fate::kUnwanted || (fate == Fate::kTaken && due.arrives)) return true;
      }
      next_ = std::min(next_, due.arrives ? due.next : std::min(due.next, due.until));
      return false;
    });
    return given;
  }

  /// The sender needs no repetition any more.
  void stop(const FileSender& sender) {
    std::erase_if(all_, [&](const Due& due) { return !due.arrives && due.receipt.sender == sender; });
  }

  [[nodiscard]] bool empty() const noexcept { return all_.empty(); }

 private:
  struct Due {
    Receipt receipt;
    bool arrives;
    bool tried = false;
    uint64_t next = 0;   // of the next attempt
    uint64_t until = 0;  // when one that may get lost is not repeated any more
  };

  size_t most_;
  uint64_t every_;
  uint64_t linger_;
  std::vector<Due> all_;
  uint64_t next_ = UINT64_MAX;  // when there may be something to do
};

}  // namespace pfs
