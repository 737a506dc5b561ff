#pragma once

#include <array>
#include <memory>
#include <span>

#include "blob/stretches.hpp"
#include "blob/view.hpp"
#include "gram/gram.hpp"
#include "simd/fnv1a/fnv1a.hpp"

namespace pfs {

/// Whether GRAM_END's counts and GRAM's total (where stated) are the gram's own, and its digest kind is a known one.
/// The digest itself is not looked at.
[[nodiscard]] bool counts_hold(const Gram& gram) noexcept;

/// Says whether grams are what their senders say they are: GRAM_END's counts, GRAM's total (where stated) and the
/// digest over the denoted bytes hold. An unknown digest kind does not hold; a bare gram claims nothing and holds.
/// One thread's. Takes memory only when constructed.
class Verifier {
 public:
  explicit Verifier(const BlobView& blob);

  [[nodiscard]] bool holds(const Gram& gram) noexcept;

  /// Of as many grams as there are, up to kGramsMax: holds[i]. FNV-1a, serial for one gram, goes over all side by side.
  void judge(std::span<const Gram* const> grams, std::span<bool> holds) noexcept;
  static constexpr size_t kGramsMax = 64;

 private:
  size_t next_stretch(const Gram& gram, std::span<const Descriptor> left, uint8_t* room,
                      FnvStream& stream) const noexcept;
  void judge_fnv1a(std::span<const Gram* const> grams, std::span<bool> holds) noexcept;

  static constexpr size_t kShare = 1024;  ///< bytes of a gram at a time; fewer, and going from gram to gram shows

  using Rooms = std::array<uint8_t, kShare * kGramsMax>;

  BlobView blob_;
  std::unique_ptr<Room> room_;
  std::unique_ptr<Rooms> rooms_;
};

}  // namespace pfs
