#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace pfs {

/// Which bytes of a file are there: disjoint ranges, neighbours merged. Exact for any order and any overlap; a file
/// that comes in order is one range. Memory is taken once.
class Coverage {
 public:
  explicit Coverage(size_t ranges_max);

  /// Adds [begin, end). False, and nothing changed, if that would take more ranges than there may be.
  bool add(uint64_t begin, uint64_t end) noexcept;

  /// True if all of [begin, end) is there; an empty range always is.
  [[nodiscard]] bool covers(uint64_t begin, uint64_t end) const noexcept;

  [[nodiscard]] uint64_t bytes() const noexcept { return bytes_; }
  struct Range {
    uint64_t begin;
    uint64_t end;
    bool operator==(const Range&) const = default;
  };
  /// The first part of [begin, end) that is not there; begin == end if all of it is.
  [[nodiscard]] Range gap(uint64_t begin, uint64_t end) const noexcept;

  /// Bytes that are there without a gap from 0.
  [[nodiscard]] uint64_t prefix() const noexcept;

 private:
  size_t max_;
  uint64_t bytes_ = 0;
  std::vector<Range> ranges_;  // ascending; a gap of at least one byte between neighbours
};

}  // namespace pfs
