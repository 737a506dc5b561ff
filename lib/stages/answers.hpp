#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "stages/awaited_results.hpp"
#include "wire/drop.hpp"
#include "wire/extension.hpp"
#include "wire/unit.hpp"

namespace pfs {

/// What a frame that came back says to a sender: its last RECEIPT, and the grams whose RESULT it brings.
struct Answers {
  std::optional<ReceiptUnit> receipt;
  uint32_t receipt_gram = 0;  ///< the gram that the RECEIPT answers
  uint32_t done = 0;          ///< grams that were executed
  uint32_t refused = 0;       ///< grams whose RESULT has another status than 0
};

/// Reads a payload and matches its RESULTs with the grams of `stream` that await one. kNone and what the frame says to
/// the stream (nothing, if the frame is of another one); kDuplicate or kUnasked where RESULTs are all that it says and
/// none of them is awaited; otherwise the frame's fault, and then `out` and `awaited` stay as they were.
Drop read_answers(std::span<const uint8_t> payload, uint16_t stream, AwaitedResults& awaited, uint64_t now,
                  Answers& out) noexcept;

}  // namespace pfs
