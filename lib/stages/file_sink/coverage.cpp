#include "stages/file_sink/coverage.hpp"

#include <algorithm>

namespace pfs {

Coverage::Coverage(size_t ranges_max) : max_(ranges_max) { ranges_.reserve(ranges_max); }

bool Coverage::add(uint64_t begin, uint64_t end) noexcept {
  if (begin >= end) return true;
  // Every range from `first` up to `last` overlaps the new one or touches it, and becomes one with it.
  const auto first = std::lower_bound(ranges_.begin(), ranges_.end(), begin,
                                      [](const Range& range, uint64_t at) { return range.end < at; });
  auto last = first;
  Range whole{begin, end};
  uint64_t before = 0;
  for (; last != ranges_.end() && last->begin <= end; ++last) {
    whole = {std::min(whole.begin, last->begin), std::max(whole.end, last->end)};
    before += last->end - last->begin;
  }
  if (first == last) {
    if (ranges_.size() == max_) return false;
    ranges_.insert(first, whole);
  } else {
    *first = whole;
    ranges_.erase(first + 1, last);
  }
  bytes_ += whole.end - whole.begin - before;
  return true;
}

bool Coverage::covers(uint64_t begin, uint64_t end) const noexcept {
  if (begin >= end) return true;
  const auto at = std::lower_bound(ranges_.begin(), ranges_.end(), end,
                                   [](const Range& range, uint64_t until) { return range.end < until; });
  return at != ranges_.end() && at->begin <= begin;
}

Coverage::Range Coverage::gap(uint64_t begin, uint64_t end) const noexcept {
  auto at = std::lower_bound(ranges_.begin(), ranges_.end(), begin,
                             [](const Range& range, uint64_t from) { return range.end <= from; });
  if (at != ranges_.end() && at->begin <= begin) begin = std::min(end, (at++)->end);
  if (at != ranges_.end()) end = std::min(end, at->begin);
  return {begin, std::max(begin, end)};
}

uint64_t Coverage::prefix() const noexcept {
  return !ranges_.empty() && ranges_.front().begin == 0 ? ranges_.front().end : 0;
}

}  // namespace pfs
