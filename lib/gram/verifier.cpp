#include "gram/verifier.hpp"

#include <array>
#include <cassert>

#include "gram/digest.hpp"

namespace pfs {
namespace {

DigestKind kind_of(const Gram& gram) noexcept { return static_cast<DigestKind>(gram.end.digest_kind); }

/// A gram on its way through fnv1a_many().
struct Walk {
  size_t gram = 0;  ///< which of them
  std::span<const Descriptor> left;
};

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

bool Verifier::holds(const Gram& gram) noexcept {
  if (gram.bare) return true;
  if (!counts_hold(gram)) return false;
  if (kind_of(gram) == DigestKind::kNone) return true;  // nothing to hold against: the field's value means nothing
  Digest digest(kind_of(gram));
  digest.update({gram.table.data, gram.table.count}, blob_.data, gram.slab, *room_);
  return digest.value() == gram.end.digest;
}

void Verifier::judge(std::span<const Gram* const> grams, std::span<bool> holds) noexcept {
  assert(grams.size() <= kGramsMax && holds.size() >= grams.size());
  std::array<const Gram*, kGramsMax> fnv1a;
  std::array<size_t, kGramsMax> place;
  std::array<bool, kGramsMax> held;
  size_t count = 0;
  for (size_t i = 0; i < grams.size(); ++i) {
    const Gram& gram = *grams[i];
    if (!gram.bare && kind_of(gram) == DigestKind::kFnv1a64 && counts_hold(gram)) {
      fnv1a[count] = &gram;
      place[count++] = i;
    } else {
      holds[i] = this->holds(gram);
    }
  }
  judge_fnv1a({fnv1a.data(), count}, {held.data(), count});
  for (size_t i = 0; i < count; ++i) holds[place[i]] = held[i];
}

/// What of a gram's bytes is next: a long range where it lies, or short ones side by side. Returns how many ranges.
size_t Verifier::next_stretch(const Gram& gram, std::span<const Descriptor> left, uint8_t* room,
                              FnvStream& stream) const noexcept {
  size_t ranges = short_ranges(left, kShare, stream.bytes);
  if (ranges > 1) {
    gather_ranges(left.first(ranges), blob_.data, gram.slab, room);
    stream.data = room;
    return ranges;
  }
  Descriptor whole;
  ranges = one_range(left, whole);
  stream.data = (whole.in_blob() ? blob_.data : gram.slab) + whole.offset;
  stream.bytes = whole.length;
  return ranges;
}

/// A stretch of each gram at a time.
void Verifier::judge_fnv1a(std::span<const Gram* const> grams, std::span<bool> holds) noexcept {
  std::array<Walk, kGramsMax> walks;
  std::array<FnvStream, kGramsMax> streams;
  size_t live = 0;
  for (size_t gram = 0; gram < grams.size(); ++gram) {
    walks[live] = {gram, {grams[gram]->table.data, grams[gram]->table.count}};
    streams[live++] = {nullptr, 0, kFnv1a64Basis};
  }
  while (live > 0) {
    size_t kept = 0;
    for (size_t i = 0; i < live; ++i) {
      Walk walk = walks[i];
      const Gram& gram = *grams[walk.gram];
      if (walk.left.empty()) {
        holds[walk.gram] = streams[i].state == gram.end.digest;
        continue;
      }
      streams[kept] = {nullptr, 0, streams[i].state};
      walk.left = walk.left.subspan(next_stretch(gram, walk.left, &(*rooms_)[kShare * walk.gram], streams[kept]));
      walks[kept++] = walk;
    }
    live = kept;
    fnv1a_many({streams.data(), live});
  }
}

}  // namespace pfs
