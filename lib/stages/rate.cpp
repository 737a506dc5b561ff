#include "stages/rate.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdlib>

namespace pfs {
namespace {

constexpr double kFcsBytes = 4;
constexpr double kGapBytes = 20;  // preamble, start of frame and inter-frame gap

struct Suffix {
  std::string_view text;
  Rate::Kind kind;
  double scale;
};
// Longest first where one ends another.
constexpr std::array kSuffixes = {
    Suffix{"GbpsL1", Rate::Kind::kBitsL1, 1e9}, Suffix{"MbpsL1", Rate::Kind::kBitsL1, 1e6},
    Suffix{"GbpsL2", Rate::Kind::kBitsL2, 1e9}, Suffix{"MbpsL2", Rate::Kind::kBitsL2, 1e6},
    Suffix{"Gbps", Rate::Kind::kBitsL1, 1e9},   Suffix{"Mbps", Rate::Kind::kBitsL1, 1e6},
    Suffix{"Mpps", Rate::Kind::kFrames, 1e6},   Suffix{"kpps", Rate::Kind::kFrames, 1e3},
    Suffix{"pps", Rate::Kind::kFrames, 1},      Suffix{"%", Rate::Kind::kPercent, 1}};

}  // namespace

Result<Rate> parse_rate(std::string_view text) {
  if (text.empty()) return Rate{};
  for (const Suffix& suffix : kSuffixes) {
    if (!text.ends_with(suffix.text)) continue;
    const std::string number(text.substr(0, text.size() - suffix.text.size()));
    char* end = nullptr;
    const double amount = std::strtod(number.c_str(), &end);
    if (number.empty() || *end != '\0' || !(amount > 0)) break;
    return Rate{.kind = suffix.kind, .amount = amount * suffix.scale};
  }
  return fail("", fmt::format("'{}' is not a rate", text), "write 2Mpps, 500kpps, 9.5Gbps (L1), 9.5GbpsL2 or 80%");
}

double frames_per_second(const Rate& rate, uint32_t frame_bytes, uint32_t link_mbps) noexcept {
  const double l2_bits = 8 * (frame_bytes + kFcsBytes);
  const double l1_bits = l2_bits + 8 * kGapBytes;
  switch (rate.kind) {
    case Rate::Kind::kUnlimited:
      return 0;
    case Rate::Kind::kFrames:
      return rate.amount;
    case Rate::Kind::kBitsL1:
      return rate.amount / l1_bits;
    case Rate::Kind::kBitsL2:
      return rate.amount / l2_bits;
    case Rate::Kind::kPercent:
      return rate.amount / 100 * link_mbps * 1e6 / l1_bits;
  }
  return 0;
}

}  // namespace pfs
