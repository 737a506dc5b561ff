#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace pfs {

/// A rate as operators write it: `2Mpps`, `9.5Gbps` or `9.5GbpsL1` (on the wire: frame, FCS, preamble and gap),
/// `9.5GbpsL2` (frame and FCS), `80%` (of the port's link at L1), or nothing: as fast as it can.
struct Rate {
  enum class Kind : uint8_t { kUnlimited, kFrames, kBitsL1, kBitsL2, kPercent } kind = Kind::kUnlimited;
  double amount = 0;  ///< frames/s, bits/s, or percent
};

/// Refuses what is no finite amount above zero, and more than 100%. The error has no place: the caller knows the key.
Result<Rate> parse_rate(std::string_view text);

/// Frames a second of frames of `frame_bytes` (without FCS); 0: unlimited. `link_mbps`: for percentages.
double frames_per_second(const Rate& rate, uint32_t frame_bytes, uint32_t link_mbps) noexcept;

/// Refuses less than a frame a day, which nobody means. The error has no place.
Result<void> check_rate(double frames_per_second);

}  // namespace pfs
