#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.hpp"

namespace pfs {

// Every number that a person writes (a key of a pipeline, --set, an option, the argument of a kernel, a rate, a size)
// is read by one of these functions, so that one text means one number everywhere. Nothing may stand around the number,
// and no digit may follow a leading zero: some programs read 010 as ten, others as eight.
//
// An error has no place, because the caller knows the file and the line. Its `what` continues a sentence that begins
// with the text: "'4K' is" + "not a size".

/// A whole number of at most 64 bits, decimal or hexadecimal: "12", "0xC".
Result<uint64_t> parse_whole(std::string_view text);

/// Bytes: "4096", "0x1000", "64KiB", "4MiB", "1GiB", "7B". A unit stands only behind a decimal number, because B is a
/// hexadecimal digit.
Result<uint64_t> parse_size(std::string_view text);

/// A finite decimal number: "12", "-0.5", "1e6".
Result<double> parse_real(std::string_view text);

}  // namespace pfs
