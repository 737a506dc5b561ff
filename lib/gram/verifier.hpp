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

  /// Judges up to kGramsMax grams whole: holds[i] of grams[i]. FNV-1a, which is serial for one gram, goes over all of
  /// its grams side by side.
  void judge(std::span<Gram* const> grams, std::span<bool> holds) noexcept;
  static constexpr size_t kGramsMax = 64;

  /// The same a slice at a time. begin() opens the gram's verification, which may be decided at once; advance() goes on
  /// with those of the grams (up to kGramsMax) that are open, over about `bytes` bytes in all.
  static void begin(Gram& gram) noexcept;
  void advance(std::span<Gram* const> grams, uint64_t bytes) noexcept;

  /// Whether several such grams gain from being advanced together.
  static bool side_by_side(const Gram& gram) noexcept;

 private:
  uint64_t advance_alone(Gram& gram, uint64_t bytes) noexcept;
  void advance_fnv1a(std::span<Gram*> grams, uint64_t bytes) noexcept;
  size_t next_stretch(Gram& gram, uint64_t bytes, uint8_t* room, FnvStream& stream) const noexcept;

  static constexpr size_t kShare = 1024;  ///< bytes of a gram at a time; fewer, and going from gram to gram shows

  using Rooms = std::array<uint8_t, kShare * kGramsMax>;

  BlobView blob_;
  std::unique_ptr<Room> room_;
  std::unique_ptr<Rooms> rooms_;
};

}  // namespace pfs
