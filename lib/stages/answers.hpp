#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "wire/drop.hpp"
#include "wire/extension.hpp"
#include "wire/unit.hpp"

namespace pfs {

/// What a frame that came back says to a sender: the last ACK and the last RECEIPT in it, and how many RESULTs.
struct Answers {
  std::optional<AckUnit> ack;
  std::optional<ReceiptUnit> receipt;
  uint32_t results = 0;  ///< of grams that were executed
  uint32_t refused = 0;  ///< RESULTs with another status than 0
};

/// Reads a payload. kNone and what it says to `stream` (nothing, if it is of another); otherwise the frame's fault, and
/// `out` stays as it was.
Drop read_answers(std::span<const uint8_t> payload, uint16_t stream, Answers& out) noexcept;

}  // namespace pfs
