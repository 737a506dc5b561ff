#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/result.hpp"
#include "blob/build.hpp"
#include "blob/view.hpp"

namespace pfs {

constexpr uint64_t kIndexBlock = 64;  ///< bytes that are indexed and looked up together, whatever the layout's block is

/// Finds the 64-byte blocks of the blob's L3 region (at multiples of 64 from l3) that equal a given 64-byte block.
/// The index is an open-addressing table of u32 block numbers by XXH3, with 1.5 entries a block: 6 bytes of memory for
/// 64 of L3 (96 MiB for 1 GiB). Of equal blocks the first is kept, so a repetitive blob costs one entry. The first 256
/// GiB (2^32 - 1 blocks) are covered. Reads are thread-safe. The blob's bytes may change afterwards, since each match
/// is compared byte by byte; blocks that came to be later are then not found.
class BlockIndex {
 public:
  /// Makes the index of a blob. Error, with the bytes that were asked for, if there is no memory for the table.
  static Result<BlockIndex> build(const BlobView& view, const ParallelFor& parallel_for);

  /// Bytes of table that a blob of this layout needs.
  static uint64_t memory_bytes(const Layout& layout) noexcept;

  static uint64_t hash(const uint8_t* block64) noexcept;

  /// Asks for the table's line of this hash. That pays 8 or more blocks ahead of find().
  void prefetch(uint64_t hash) const noexcept { __builtin_prefetch(&table_[home(hash)]); }

  /// The offset from the blob's start of a block that equals the 64 bytes at `block64`, or nothing.
  [[nodiscard]] std::optional<uint64_t> find(const uint8_t* block64) const noexcept {
    return find(block64, hash(block64));
  }
  [[nodiscard]] std::optional<uint64_t> find(const uint8_t* block64, uint64_t hash) const noexcept;

 private:
  struct Unmap {
    uint64_t bytes = 0;
    void operator()(uint32_t* table) const noexcept;
  };

  explicit BlockIndex(const BlobView& view) noexcept;
  [[nodiscard]] uint64_t home(uint64_t hash) const noexcept;
  [[nodiscard]] uint32_t entry(uint64_t number, uint64_t hash) const noexcept;
  [[nodiscard]] uint64_t number(uint32_t entry) const noexcept { return (entry & number_mask_) - 1; }
  [[nodiscard]] const uint8_t* block(uint64_t number) const noexcept { return blocks_ + number * kIndexBlock; }
  void insert_range(uint64_t first, uint64_t end) noexcept;
  void insert(uint64_t number, uint64_t hash) noexcept;

  const uint8_t* blocks_ = nullptr;  ///< the L3 region
  uint64_t l3_ = 0;
  uint64_t count_ = 0;  ///< blocks covered
  uint64_t slots_ = 0;
  uint32_t number_mask_ = 0;  ///< the low bits of an entry are number + 1; any bits above come from the hash
  std::unique_ptr<uint32_t[], Unmap> table_;  ///< 0: free
};

}  // namespace pfs
