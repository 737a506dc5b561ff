#include "stages/rate.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "base/escape.hpp"
#include "base/numbers.hpp"

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

constexpr const char* kHint = "write 2Mpps, 500kpps, 9.5Gbps (L1), 9.5GbpsL2 or 80%";
constexpr double kSlowest = 1.0 / 86'400;  // frames a second: one a day

}  // namespace

Result<Rate> parse_rate(std::string_view text) {
  if (text.empty()) return Rate{};
  const auto refuse = [&](std::string_view why, std::string hint = {}) {
    return fail("", fmt::format("rate {} {}", quote(text), why), hint.empty() ? kHint : std::move(hint));
  };
  for (const Suffix& suffix : kSuffixes) {
    if (!text.ends_with(suffix.text)) continue;
    const auto number = parse_real(text.substr(0, text.size() - suffix.text.size()));
    if (!number) return refuse(fmt::format("has an amount that is {}", number.error().what), number.error().hint);
    const double amount = *number * suffix.scale;
    if (!(amount > 0)) return refuse("lets no frame go");
    if (!std::isfinite(amount)) return refuse("is beyond what a number may be");
    if (suffix.kind == Rate::Kind::kPercent && amount > 100) return refuse("is above the line", "write 100% or less");
    return Rate{.kind = suffix.kind, .amount = amount};
  }
  return refuse("has no unit");
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

Result<void> check_rate(double frames_per_second) {
  if (frames_per_second == 0 || frames_per_second >= kSlowest) return {};
  return fail("", fmt::format("the rate is a frame every {:.1f} days", 1 / frames_per_second * kSlowest),
              "a frame a day is the least: 0.00002pps");
}

}  // namespace pfs
