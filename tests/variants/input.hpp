#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "../simd/guarded.hpp"

namespace pfs::variants {

enum class Content : uint8_t { kRandom, kAllOnes, kZeros, kFew, kCounting, kEnd };
enum class Place : uint8_t { kBeforeWall, kBehindWall, kMisaligned, kEnd };

/// All that a generated case follows from; printed when it fails.
struct Case {
  uint64_t seed = 0;
  size_t size = 0;  ///< bytes, or items: what a loop counts in
  Content content = Content::kRandom;
  Place place = Place::kBeforeWall;
  [[nodiscard]] std::string text() const;
};

/// Every case, in order: each size around the registers' and unrolled loops' edges, with every content and place.
std::vector<Case> all_cases(uint64_t seed);

/// What a variant made of a case: numbers and bytes, compared with what the scalar version made of it.
class Outcome {
 public:
  Outcome& number(uint64_t value) {
    numbers_.push_back(value);
    return *this;
  }
  Outcome& bytes(const void* data, size_t count) {
    const auto* at = static_cast<const uint8_t*>(data);
    bytes_.insert(bytes_.end(), at, at + count);
    return *this;
  }
  bool operator==(const Outcome&) const = default;
  /// Where two differ.
  [[nodiscard]] std::string against(const Outcome& other) const;

 private:
  std::vector<uint64_t> numbers_;
  std::vector<uint8_t> bytes_;
};

/// A case as a loop sees it. The same case gives the same input, whatever variant runs on it.
class Input {
 public:
  explicit Input(const Case& input);

  [[nodiscard]] size_t size() const { return case_.size; }
  /// A number for a parameter.
  uint64_t random() { return random_(); }
  uint64_t below(uint64_t limit) { return random_() % limit; }
  /// `count` bytes of the case's content, at the case's place; a wall follows or precedes them.
  uint8_t* data(size_t count);
  /// The same, filled with one byte that no loop writes by chance; to be written.
  uint8_t* room(size_t count);
  /// For tables and other arrays of T, whose alignment is kept: right before a wall. Elements are `fill`.
  template <class T>
  T* array(size_t count, const T& fill) {
    const std::vector<T> from(count, fill);
    return reinterpret_cast<T*>(
        memory(count * sizeof(T)).at_end(reinterpret_cast<const uint8_t*>(from.data()), count * sizeof(T)));
  }

 private:
  Guarded& memory(size_t count);
  uint8_t* place(const std::vector<uint8_t>& bytes);

  Case case_;
  std::mt19937_64 random_;
  std::vector<std::unique_ptr<Guarded>> memories_;
};

}  // namespace pfs::variants
