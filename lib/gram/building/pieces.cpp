#include "gram/building/pieces.hpp"

#include <algorithm>

namespace pfs {
namespace {

constexpr uint64_t kLongest = 0xFFFFFFFF;  // bytes of one extent

/// How many slices of nearly equal length a long range is cut into. Equal lengths pack into no bits at all, so a number
/// of slices that divides the length is worth looking for.
uint64_t slices_of(uint64_t length) noexcept {
  const uint64_t least = (length - 1) / kLongest + 1;
  for (uint64_t slices = least; slices < least + 8; ++slices) {
    if (length % slices == 0) return slices;
  }
  return least;
}

}  // namespace

void PieceQueue::start(std::span<const Descriptor> pieces) noexcept {
  source_ = pieces;
  held_.length = 0;
  slices_ = 0;
  first_ = end_ = 0;
}

bool PieceQueue::next(Descriptor& piece) noexcept {
  if (slices_ == 0) {
    for (; !source_.empty(); source_ = source_.subspan(1)) {
      const Descriptor& range = source_.front();
      if (range.length == 0) continue;
      if (held_.length == 0) {
        held_ = range;
      } else if (held_.continued_at(static_cast<Space>(range.space), range.offset)) {
        held_.length = held_.length + range.length;
      } else {
        break;
      }
    }
    if (held_.length == 0) return false;
    slices_ = held_.in_blob() ? slices_of(held_.length) : 1;
  }
  piece = held_;
  piece.length = held_.length / slices_;
  held_.offset += piece.length;
  held_.length = held_.length - piece.length;
  --slices_;
  return true;
}

std::span<const Descriptor> PieceQueue::look() noexcept {
  if (first_ > 0) {
    std::copy(pieces_.get() + first_, pieces_.get() + end_, pieces_.get());
    end_ -= first_;
    first_ = 0;
  }
  while (end_ < capacity_ && next(pieces_[end_])) ++end_;
  return {pieces_.get(), end_};
}

}  // namespace pfs
