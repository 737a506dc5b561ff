#include "blob/index.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <xxhash.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>

#include "base/units.hpp"

namespace pfs {
namespace {

constexpr uint64_t kBlocksMax = 0xFFFFFFFF;  // number + 1 has to fit 32 bits
// Slots that are looked at before giving up. In a table that is two thirds full, the longest run of a billion random
// blocks is a little longer; a block that is left out becomes a literal, never an error.
constexpr uint64_t kProbes = 128;
constexpr uint64_t kBatch = 32;             // blocks hashed and prefetched before they are inserted
constexpr uint64_t kRangeBlocks = 1 << 16;  // 4 MiB of blob: the unit of parallel work

uint64_t covered_blocks(const Layout& layout) noexcept {
  return layout.size <= layout.l3 ? 0 : std::min((layout.size - layout.l3) / kIndexBlock, kBlocksMax);
}

uint64_t slots_for(uint64_t blocks) noexcept { return blocks + blocks / 2 + 1; }

/// floor(a * b / 2^64).
uint64_t multiply_high(uint64_t a, uint64_t b) noexcept {
  __extension__ using Wide = unsigned __int128;
  return static_cast<uint64_t>((static_cast<Wide>(a) * b) >> 64);
}

/// Takes memory that the kernel zeroes page by page, so that each worker touches what it fills and nothing is written
/// twice. Huge pages are asked for, because each look-up is on another page and would miss the TLB as well.
uint32_t* make_table(uint64_t bytes) noexcept {
  void* table = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (table == MAP_FAILED) return nullptr;
  (void)::madvise(table, bytes, MADV_HUGEPAGE);  // a refusal costs speed, no more
  return static_cast<uint32_t*>(table);
}

bool equal(const uint8_t* a, const uint8_t* b) noexcept { return std::memcmp(a, b, kIndexBlock) == 0; }

}  // namespace

uint64_t BlockIndex::memory_bytes(const Layout& layout) noexcept {
  return slots_for(covered_blocks(layout)) * sizeof(uint32_t);
}

uint64_t BlockIndex::hash(const uint8_t* block64) noexcept { return XXH3_64bits(block64, kIndexBlock); }

BlockIndex::BlockIndex(const BlobView& view) noexcept
    : blocks_(view.data + view.layout.l3),
      l3_(view.layout.l3),
      count_(covered_blocks(view.layout)),
      slots_(slots_for(count_)),
      number_mask_(static_cast<uint32_t>((uint64_t{1} << std::bit_width(count_)) - 1)),
      table_(make_table(memory_bytes(view.layout)), Unmap{memory_bytes(view.layout)}) {}

void BlockIndex::Unmap::operator()(uint32_t* table) const noexcept { ::munmap(table, bytes); }

// The slot comes from the hash's high bits and the tag from its low bits, so that they are independent.
uint64_t BlockIndex::home(uint64_t hash) const noexcept { return multiply_high(hash, slots_); }

uint32_t BlockIndex::entry(uint64_t number, uint64_t hash) const noexcept {
  return static_cast<uint32_t>(number + 1) | (static_cast<uint32_t>(hash) & ~number_mask_);
}

Result<BlockIndex> BlockIndex::build(const BlobView& view, const ParallelFor& parallel_for) {
  BlockIndex index(view);
  if (!index.table_) {
    return fail("", fmt::format("no memory for the blob's index of {}", format_bytes(memory_bytes(view.layout))),
                "lower blob.size", Exit::kFailed);
  }
  const uint64_t ranges = (index.count_ + kRangeBlocks - 1) / kRangeBlocks;
  parallel_for(ranges, [&index](size_t range) {
    index.insert_range(range * kRangeBlocks, std::min(index.count_, (range + 1) * kRangeBlocks));
  });
  return index;
}

void BlockIndex::insert_range(uint64_t first, uint64_t end) noexcept {
  uint64_t hashes[kBatch];
  for (uint64_t at = first; at < end; at += kBatch) {
    const uint64_t count = std::min(kBatch, end - at);
    for (uint64_t i = 0; i < count; ++i) {
      hashes[i] = hash(block(at + i));
      prefetch(hashes[i]);
    }
    for (uint64_t i = 0; i < count; ++i) insert(at + i, hashes[i]);
  }
}

// Entries are never moved or freed, so two equal blocks that race meet in the first slot either of them took, and the
// lower number stays: the table finds the same blocks whatever the order. Relaxed: entries carry all there is to know.
void BlockIndex::insert(uint64_t number, uint64_t hash) noexcept {
  const uint32_t mine = entry(number, hash);
  uint64_t slot = home(hash);
  for (uint64_t probe = 0; probe < kProbes; ++probe) {
    const std::atomic_ref<uint32_t> cell(table_[slot]);
    uint32_t there = cell.load(std::memory_order_relaxed);
    if (there == 0 && cell.compare_exchange_strong(there, mine, std::memory_order_relaxed)) return;
    if (((there ^ mine) & ~number_mask_) == 0 && equal(block(this->number(there)), block(number))) {
      while (mine < there && !cell.compare_exchange_weak(there, mine, std::memory_order_relaxed)) {
      }
      return;
    }
    slot = slot + 1 == slots_ ? 0 : slot + 1;
  }
}

std::optional<uint64_t> BlockIndex::find(const uint8_t* block64, uint64_t hash) const noexcept {
  const uint32_t tag = static_cast<uint32_t>(hash) & ~number_mask_;
  uint64_t slot = home(hash);
  for (uint64_t probe = 0; probe < kProbes; ++probe) {
    const uint32_t there = table_[slot];
    if (there == 0) return std::nullopt;
    if ((there & ~number_mask_) == tag && equal(block(number(there)), block64))
      return l3_ + number(there) * kIndexBlock;
    slot = slot + 1 == slots_ ? 0 : slot + 1;
  }
  return std::nullopt;
}

}  // namespace pfs
