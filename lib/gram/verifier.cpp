#include "gram/verifier.hpp"

#include <algorithm>
#include <cassert>

#include "gram/digest.hpp"

namespace pfs {
namespace {

using Verdict = Verification::Verdict;

DigestKind kind_of(const Gram& gram) noexcept { return static_cast<DigestKind>(gram.end.digest_kind); }

/// What can be said of a gram without a look at the bytes that it denotes.
Verdict first_verdict(const Gram& gram) noexcept {
  if (gram.bare) return Verdict::kHolds;
  if (!counts_hold(gram)) return Verdict::kFails;
  // Without a digest there is nothing to hold the bytes against, and the value of the field means nothing.
  return kind_of(gram) == DigestKind::kNone ? Verdict::kHolds : Verdict::kOpen;
}

void open(Gram& gram) noexcept {
  gram.verification = {.verdict = Verdict::kOpen,
                       .state = Digest(kind_of(gram)).state(),
                       .left = TableCursor({gram.table.data, gram.table.count})};
}

void decide(Gram& gram, uint64_t digest) noexcept {
  gram.verification.verdict = digest == gram.end.digest ? Verdict::kHolds : Verdict::kFails;
}

}  // namespace

bool counts_hold(const Gram& gram) noexcept {
  if (gram.end.frames != gram.frames || gram.end.descriptors != gram.table.count || gram.end.bytes != gram.bytes) {
    return false;
  }
  if (gram.head.total != 0 && gram.head.total != gram.bytes) return false;
  return gram.end.digest_kind <= static_cast<uint8_t>(DigestKind::kCrc64);
}

Verifier::Verifier(const BlobView& blob)
    : blob_(blob), room_(std::make_unique<Room>()), rooms_(std::make_unique<Rooms>()) {}

bool Verifier::side_by_side(const Gram& gram) noexcept { return kind_of(gram) == DigestKind::kFnv1a64; }

void Verifier::judge(std::span<Gram* const> grams, std::span<bool> holds) noexcept {
  assert(grams.size() <= kGramsMax && holds.size() >= grams.size());
  std::array<Gram*, kGramsMax> undecided;
  std::array<size_t, kGramsMax> place;
  size_t count = 0;
  for (size_t i = 0; i < grams.size(); ++i) {
    const Verdict verdict = first_verdict(*grams[i]);
    holds[i] = verdict == Verdict::kHolds;
    if (verdict != Verdict::kOpen) continue;
    open(*grams[i]);
    undecided[count] = grams[i];
    place[count++] = i;
  }
  advance({undecided.data(), count}, UINT64_MAX);
  for (size_t i = 0; i < count; ++i) holds[place[i]] = undecided[i]->verification.verdict == Verdict::kHolds;
}

void Verifier::begin(Gram& gram) noexcept {
  gram.verification.verdict = first_verdict(gram);
  if (gram.verification.verdict == Verdict::kOpen) open(gram);
}

void Verifier::advance(std::span<Gram* const> grams, uint64_t bytes) noexcept {
  assert(grams.size() <= kGramsMax);
  std::array<Gram*, kGramsMax> fnv1a;
  size_t count = 0;
  for (Gram* gram : grams) {
    if (gram->verification.verdict != Verdict::kOpen) continue;
    if (side_by_side(*gram))
      fnv1a[count++] = gram;
    else if (bytes > 0)
      bytes -= advance_alone(*gram, bytes);
  }
  advance_fnv1a({fnv1a.data(), count}, bytes);
}

/// Returns what was used up of `bytes`.
uint64_t Verifier::advance_alone(Gram& gram, uint64_t bytes) noexcept {
  Verification& so_far = gram.verification;
  TableCursor& left = so_far.left;
  Digest digest(kind_of(gram), so_far.state);
  const uint64_t whole = gram.bytes + gram.table.count * kRangeCost;
  if (left.taken() == 0 && whole <= bytes) {
    digest.update(left.left(), blob_.data, gram.slab, *room_);
    left = {};
  } else {
    Descriptor piece;
    digest.update(left.slice(bytes, piece), blob_.data, gram.slab, *room_);
  }
  so_far.state = digest.state();
  if (left.done()) decide(gram, digest.value());
  return std::min(whole, bytes);
}

/// What of a gram's bytes is next: a long range where it lies, or short ones side by side. Returns how many ranges.
size_t Verifier::next_stretch(Gram& gram, uint64_t bytes, uint8_t* room, FnvStream& stream) const noexcept {
  TableCursor& cursor = gram.verification.left;
  const std::span<const Descriptor> left = cursor.left();
  size_t ranges = cursor.taken() == 0 ? short_ranges(left, kShare, stream.bytes) : 0;
  if (ranges > 1) {
    gather_ranges(left.first(ranges), blob_.data, gram.slab, room);
    stream.data = room;
  } else {
    Descriptor whole;
    ranges = one_range(left, whole);
    stream.data = (whole.in_blob() ? blob_.data : gram.slab) + whole.offset + cursor.taken();
    stream.bytes = std::min<uint64_t>(whole.length - cursor.taken(), bytes);
  }
  cursor.skip(stream.bytes);
  return ranges;
}

/// A stretch of each gram at a time.
void Verifier::advance_fnv1a(std::span<Gram*> grams, uint64_t bytes) noexcept {
  std::array<FnvStream, kGramsMax> streams;
  size_t open = grams.size();
  for (uint64_t spent = 0; open > 0 && spent < bytes;) {
    const uint64_t each = std::max<uint64_t>((bytes - spent) / open, kShare);
    size_t kept = 0;
    for (size_t i = 0; i < open; ++i) {
      Gram& gram = *grams[i];
      if (gram.verification.left.done()) {
        decide(gram, gram.verification.state);
        continue;
      }
      streams[kept] = {nullptr, 0, gram.verification.state};
      const size_t ranges = next_stretch(gram, each, &(*rooms_)[kShare * kept], streams[kept]);
      spent += streams[kept].bytes + ranges * kRangeCost;
      grams[kept++] = &gram;
    }
    open = kept;
    fnv1a_many({streams.data(), open});
    for (size_t i = 0; i < open; ++i) grams[i]->verification.state = streams[i].state;
  }
  for (Gram* gram : grams.first(open))
    if (gram->verification.left.done()) decide(*gram, gram->verification.state);
}

}  // namespace pfs
