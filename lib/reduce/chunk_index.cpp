#include "reduce/chunk_index.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <xxhash.h>

#include <algorithm>
#include <utility>

#include "base/splitmix.hpp"
#include "base/units.hpp"

namespace pfs::reduce {
namespace {

constexpr uint64_t kFree = 0;    // never taken: a bucket with such a slot never turned anyone away
constexpr uint64_t kErased = 1;  // free again
constexpr uint32_t kOffsetBits = 40;
constexpr uint64_t kOffsetMask = (uint64_t{1} << kOffsetBits) - 1;

constexpr uint32_t kMoves = 2;  // entries that are moved to make room for one, at most

constexpr uint64_t tag_of(uint64_t key) noexcept { return key << kOffsetBits; }  // the key's low bits, where they stand
constexpr uint64_t entry_of(uint64_t tag, uint64_t offset) noexcept { return tag | (offset + 2); }
constexpr uint64_t offset_of(uint64_t entry) noexcept { return (entry & kOffsetMask) - 2; }
constexpr bool vacant(uint64_t entry) noexcept { return entry <= kErased; }
constexpr bool carries(uint64_t entry, uint64_t tag) noexcept {
  return ((entry ^ tag) & ~kOffsetMask) == 0 && !vacant(entry);
}

/// floor(a * b / 2^64).
constexpr uint64_t multiply_high(uint64_t a, uint64_t b) noexcept {
  __extension__ using Wide = unsigned __int128;
  return static_cast<uint64_t>((static_cast<Wide>(a) * b) >> 64);
}

constexpr uint64_t buckets_for(uint64_t chunks) noexcept { return chunks / 8 + chunks / 32 + 2; }  // 80 % full

}  // namespace

uint64_t chunk_key(const uint8_t* data, size_t length) noexcept {
  return XXH3_64bits(data, std::min<size_t>(length, kKeyBytes));
}

uint64_t ChunkIndex::memory_bytes(uint64_t chunks) noexcept { return buckets_for(chunks) * sizeof(Bucket); }

Result<ChunkIndex> ChunkIndex::create(uint64_t chunks) {
  const uint64_t bytes = memory_bytes(chunks);
  // The kernel zeroes the pages as they are touched. Huge ones save a miss of the TLB for each look-up.
  void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    return fail("", fmt::format("no memory for an index of {}", format_bytes(bytes)), "lower blob.size", Exit::kFailed);
  }
  (void)::madvise(memory, bytes, MADV_HUGEPAGE);  // a refusal costs speed, no more
  return ChunkIndex(buckets_for(chunks), static_cast<Bucket*>(memory));
}

ChunkIndex::ChunkIndex(uint64_t buckets, Bucket* memory) noexcept
    : bucket_count_(buckets), buckets_(memory, Unmap{buckets * sizeof(Bucket)}) {}

void ChunkIndex::Unmap::operator()(Bucket* buckets) const noexcept { ::munmap(buckets, bytes); }

uint64_t ChunkIndex::home(uint64_t key) const noexcept { return multiply_high(key, bucket_count_); }

// An entry's other bucket follows from where the entry stands and from its tag, in both directions, so that an entry
// can be moved without its key.
uint64_t ChunkIndex::other(uint64_t bucket, uint64_t tag) const noexcept {
  const uint64_t sum = multiply_high(splitmix_mix(tag), bucket_count_);
  return sum >= bucket ? sum - bucket : sum + bucket_count_ - bucket;
}

/// Where the bucket has an entry with this tag; failing that, a slot that is vacant, a never used one first; else none.
uint64_t* ChunkIndex::slot_of(uint64_t bucket, uint64_t tag) const noexcept {
  uint64_t* room = nullptr;
  for (uint64_t& entry : buckets_[bucket].entries) {
    if (carries(entry, tag)) return &entry;
    if (entry == kFree || (entry == kErased && room == nullptr)) room = &entry;
  }
  return room;
}

std::optional<uint64_t> ChunkIndex::find(uint64_t key) const noexcept {
  const uint64_t tag = tag_of(key);
  const uint64_t first = home(key);
  const uint64_t* slot = slot_of(first, tag);
  if (slot == nullptr || *slot == kErased) {
    slot = slot_of(other(first, tag), tag);
    if (slot == nullptr) return std::nullopt;
  }
  return vacant(*slot) ? std::nullopt : std::optional(offset_of(*slot));
}

void ChunkIndex::find(std::span<const uint64_t> keys, uint64_t* offsets) const noexcept {
  for (const uint64_t key : keys) prefetch(key);
  for (size_t i = 0; i < keys.size(); ++i) offsets[i] = find(keys[i]).value_or(kNowhere);
}

ChunkIndex::Insertion ChunkIndex::insert(uint64_t key, uint64_t offset) noexcept {
  const uint64_t tag = tag_of(key);
  const uint64_t first = home(key);
  uint64_t* slot = slot_of(first, tag);
  if (slot == nullptr || *slot == kErased) {
    uint64_t* const second = slot_of(other(first, tag), tag);
    if (second != nullptr && !vacant(*second)) return Insertion::kThere;
    if (slot == nullptr) slot = second;
  }
  if (slot == nullptr) {
    if (!make_room(first, kMoves - 1)) return Insertion::kFull;
    slot = slot_of(first, tag);
  }
  if (!vacant(*slot)) return Insertion::kThere;
  *slot = entry_of(tag, offset);
  ++count_;
  return Insertion::kDone;
}

/// Moves one entry of a full bucket to its other bucket, where that one has room, or as far as `depth` goes is given
/// some in the same way. The slot counts as erased, not as never used: entries that the bucket turned away stand
/// elsewhere.
bool ChunkIndex::make_room(uint64_t bucket, uint32_t depth) noexcept {
  for (uint64_t& entry : buckets_[bucket].entries) {
    Bucket& there = buckets_[other(bucket, entry & ~kOffsetMask)];
    const auto room = std::find_if(there.entries.begin(), there.entries.end(), vacant);
    if (room == there.entries.end()) continue;
    *room = std::exchange(entry, kErased);
    return true;
  }
  if (depth == 0) return false;
  return std::ranges::any_of(buckets_[bucket].entries, [this, bucket, depth](uint64_t entry) {
    const uint64_t there = other(bucket, entry & ~kOffsetMask);
    return there != bucket && make_room(there, depth - 1) && make_room(bucket, 0);
  });
}

bool ChunkIndex::erase(uint64_t key, uint64_t offset) noexcept {
  const uint64_t tag = tag_of(key);
  const uint64_t wanted = entry_of(tag, offset);
  const uint64_t first = home(key);
  for (const uint64_t bucket : {first, other(first, tag)}) {
    for (uint64_t& entry : buckets_[bucket].entries) {
      if (entry != wanted) continue;
      entry = kErased;
      --count_;
      return true;
    }
  }
  return false;
}

}  // namespace pfs::reduce
