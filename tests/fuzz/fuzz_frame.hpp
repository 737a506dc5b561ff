#pragma once

#include <cstddef>
#include <cstdint>

namespace pfs::test {

/// Feeds an assembler from `data`: byte 0 picks the configuration, then frames, each behind a big-endian u16 length
/// (the last one may be cut short). A length with its top bit set lets time pass before the frame. Returns the frames
/// taken; aborts if the ledger does not close or a frame is not given back.
int fuzz_frame(const uint8_t* data, size_t size);

}  // namespace pfs::test
