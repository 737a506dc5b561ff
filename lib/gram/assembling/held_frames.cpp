#include "gram/assembling/held_frames.hpp"

#include <bit>
#include <cassert>

namespace pfs {

HeldFrames::HeldFrames(uint32_t capacity)
    : entries_(capacity), heads_(std::bit_ceil(capacity), kNone), mask_(std::bit_ceil(capacity) - 1) {
  for (uint32_t at = capacity; at-- > 0;) {
    entries_[at].next = free_;
    free_ = at;
  }
}

const HeldFrames::Entry* HeldFrames::find(uint32_t stream, uint32_t seq) const noexcept {
  for (uint32_t at = heads_[bucket(stream, seq)]; at != kNone; at = entries_[at].next) {
    const Entry& entry = entries_[at];
    if (entry.stream == stream && entry.seq == seq) return &entry;
  }
  return nullptr;
}

void HeldFrames::put(uint32_t stream, uint32_t seq, const ReceivedFrame& frame, uint64_t now) noexcept {
  assert(!full() && find(stream, seq) == nullptr);
  const uint32_t at = free_;
  uint32_t& head = heads_[bucket(stream, seq)];
  free_ = entries_[at].next;
  entries_[at] = {.frame = frame, .arrived = now, .stream = stream, .seq = seq, .next = head};
  head = at;
  ++count_;
}

bool HeldFrames::take(uint32_t stream, uint32_t seq, ReceivedFrame& frame) noexcept {
  for (uint32_t* link = &heads_[bucket(stream, seq)]; *link != kNone; link = &entries_[*link].next) {
    const uint32_t at = *link;
    Entry& entry = entries_[at];
    if (entry.stream != stream || entry.seq != seq) continue;
    frame = entry.frame;
    *link = entry.next;
    entry.next = free_;
    free_ = at;
    --count_;
    return true;
  }
  return false;
}

}  // namespace pfs
