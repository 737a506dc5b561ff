#pragma once

#include <cstdint>

#include "gram/assembling/hold.hpp"
#include "gram/assembling/open_grams.hpp"
#include "wire/receiving/window.hpp"

namespace pfs {

/// What the assembler knows of one stream. What an in-sequence frame touches comes first.
struct StreamState {
  uint32_t next = 0;  ///< the next expected sequence number
  uint32_t key = 0;   ///< PRP
  uint16_t id = 0;
  bool started = false;
  Window window;
  OpenGrams grams;
  HoldRing hold;
  GramNumbers numbers;
  uint64_t session = 0;    ///< the last SESSION's id
  uint32_t far_next = 0;   ///< behind the last frame that was too far ahead
  uint32_t far_count = 0;  ///< frames in a row that were too far ahead, each behind the one before
};

}  // namespace pfs
