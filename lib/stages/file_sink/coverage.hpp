#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace pfs {

/// Knows which bytes of a file are there, as disjoint ranges whose neighbours are merged. The answer is exact for any
/// order and any overlap; a file that comes in order is one range. Memory is taken once.
class Coverage {
 public:
  explicit Coverage(size_t ranges_max);

  /// Adds [begin, end). Returns false, and changes nothing, if that would take more ranges than there may be.
  bool add(uint64_t begin, uint64_t end) noexcept;

  /// Returns true if all of [begin, end) is there; an empty range always is.
  [[nodiscard]] bool covers(uint64_t begin, uint64_t end) const noexcept;

  [[nodiscard]] uint64_t bytes() const noexcept { return bytes_; }
  struct Range {
    uint64_t begin;
    uint64_t end;
    bool operator==(const Range&) const = default;
  };
  /// Returns the first part of [begin, end) that is not there; the part is empty if all of the range is there.
  [[nodiscard]] Range gap(uint64_t begin, uint64_t end) const noexcept;

  /// Returns how many bytes from 0 on are there without a gap.
  [[nodiscard]] uint64_t prefix() const noexcept;

 private:
  size_t max_;
  uint64_t bytes_ = 0;
  std::vector<Range> ranges_;  // ascending, with a gap of at least one byte between neighbours
};

}  // namespace pfs
