#pragma once

#include <cstdint>

#include "blob/table_cursor.hpp"

namespace pfs {

/// How far the digest of one gram has come. The Verifier fills it in, whoever consumes the gram reads the verdict.
struct Verification {
  enum class Verdict : uint8_t { kOpen, kHolds, kFails };
  Verdict verdict = Verdict::kOpen;
  uint64_t state = 0;  ///< of the digest over the bytes up to `left`
  TableCursor left;
};

}  // namespace pfs
