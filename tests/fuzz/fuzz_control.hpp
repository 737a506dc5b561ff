#pragma once

#include <cstddef>
#include <cstdint>

namespace pfs::test {

/// Takes `data` as the payload of a session's frame: opens it, reads every unit of sessions in it and writes each
/// again, first as it is, then sealed anew, so that a mutation gets past the CRC. Returns how many units were of their
/// form; aborts if a unit that was read is not written as it was, if a sealed frame does not open, or if it opens with
/// a bit flipped.
int fuzz_control(const uint8_t* data, size_t size);

}  // namespace pfs::test
