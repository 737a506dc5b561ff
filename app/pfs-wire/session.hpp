#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.hpp"
#include "blob/layout.hpp"

namespace pfs {

/// The agreement of both ends before the first frame (WIRE.md sections 1 and 5).
struct Session {
  Layout layout;
  uint32_t key = 0;           ///< of the reference permutation
  bool bare_crc = true;       ///< a SYNC_MARK in a bare frame carries a CRC
  uint32_t window_pow2 = 16;  ///< references a window, as a power of two
};

/// Reads "size=256MiB,block=64,l3=1MiB" over the default layout. Error, naming `--layout`, if `size` is missing or a
/// key or value is wrong.
Result<Layout> parse_layout(std::string_view text);

/// "12648430" or "0xC0FFEE". Errors name `--key`.
Result<uint32_t> parse_key(std::string_view text);

/// Refuses a layout with a zero that decoding would divide by, or with sizes whose sums could pass 2^63. `where` goes
/// into the error.
Result<void> check_layout(const Layout& layout, std::string_view where);

}  // namespace pfs
