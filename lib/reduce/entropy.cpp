#include "reduce/entropy.hpp"

#include <array>

namespace pfs::reduce {
namespace {

constexpr size_t kPlaces = 8;
constexpr size_t kPlaceBytes = 512;  // a multiple of 4

using Counts = std::array<uint32_t, 256>;

/// log2 by repeated squaring, to 16 bits behind the point: the standard's is not for the compiler.
constexpr double log2_of(double value) noexcept {
  double bits = 0;
  while (value >= 2) {
    value /= 2;
    bits += 1;
  }
  double digit = 0.5;
  for (int i = 0; i < 16; ++i, digit /= 2) {
    value *= value;
    if (value < 2) continue;
    value /= 2;
    bits += digit;
  }
  return bits;
}

/// n log2 n for every count that a sample can have.
constexpr auto kLogs = [] {
  std::array<float, kPlaces * kPlaceBytes + 1> table{};
  for (size_t n = 2; n < table.size(); ++n) {
    table[n] = static_cast<float>(static_cast<double>(n) * log2_of(static_cast<double>(n)));
  }
  return table;
}();

/// Bits a byte of `parts` histograms of `each` bytes. A small sample looks less random than what it was taken of; the
/// difference is about one bit in 2 ln 2 of the sample's bytes for each value that occurs (Miller and Madow).
double bits(std::span<const Counts> parts, size_t each) noexcept {
  constexpr double kTwoLn2 = 1.3862943611198906;
  double saved = 0;
  double values = 0;
  for (const Counts& counts : parts) {
    float sum = 0;
    uint32_t occur = 0;
    for (const uint32_t count : counts) {
      sum += kLogs[count];
      occur += count != 0;
    }
    saved += sum;
    values += occur - 1;
  }
  const auto total = static_cast<double>(each * parts.size());
  return kLogs[each] / static_cast<double>(each) - saved / total + values / (kTwoLn2 * total);
}

}  // namespace

Sampled sample_entropy(std::span<const uint8_t> data) noexcept {
  if (data.size() < kPlaceBytes) return {0, 0, 0};
  std::array<Counts, 4> by_four{};
  const size_t places = data.size() < kPlaces * kPlaceBytes ? 1 : kPlaces;
  const size_t step = (data.size() - kPlaceBytes) / kPlaces / 4 * 4;
  for (size_t place = 0; place < places; ++place) {
    const uint8_t* const at = data.data() + place * step;
    for (size_t i = 0; i < kPlaceBytes; i += 4) {
      ++by_four[0][at[i]];
      ++by_four[1][at[i + 1]];
      ++by_four[2][at[i + 2]];
      ++by_four[3][at[i + 3]];
    }
  }
  std::array<Counts, 2> by_two;
  Counts all;
  for (size_t value = 0; value < all.size(); ++value) {
    by_two[0][value] = by_four[0][value] + by_four[2][value];
    by_two[1][value] = by_four[1][value] + by_four[3][value];
    all[value] = by_two[0][value] + by_two[1][value];
  }
  const size_t total = places * kPlaceBytes;
  return {.plain = bits({&all, 1}, total), .of_two = bits(by_two, total / 2), .of_four = bits(by_four, total / 4)};
}

}  // namespace pfs::reduce
