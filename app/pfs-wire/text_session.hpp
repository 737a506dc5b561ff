#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "wire/session_units.hpp"

namespace pfs {

/// A unit of sessions with its fields, as in "PROBE, answer no, path 0, bytes 1500"; empty if `bytes`, which stand
/// behind tag and length, are none.
std::string session_unit_text(uint8_t tag, std::span<const uint8_t> bytes);

/// Whether the CRC of a session's frame holds, or why nobody knows, from what open_carried() says of the frame.
std::string session_verdict(Drop judged, const Carried& opened);

}  // namespace pfs
