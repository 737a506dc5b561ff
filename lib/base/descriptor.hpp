#pragma once

#include <cstdint>

namespace pfs {

/// The space that a descriptor's bytes lie in (WIRE.md section 1).
enum class Space : uint64_t { kBlob = 0, kSlab = 1 };

/// A range of denoted bytes: `length` bytes from `offset` in the blob, or in the gram's own slab of literals.
/// Lengths are 64 bits wide because adjacent references merge without limit; the space takes the top bit so that
/// a table stays 16 bytes an entry and a vector store writes whole descriptors.
struct Descriptor {
  uint64_t offset;       ///< bytes from the start of the space
  uint64_t length : 63;  ///< bytes, at least 1
  uint64_t space : 1;    ///< Space

  [[nodiscard]] bool in_blob() const noexcept { return space == static_cast<uint64_t>(Space::kBlob); }
  /// True if a range of `there` that starts at `start` goes on where this one ends.
  [[nodiscard]] [[gnu::always_inline]] bool continued_at(Space there, uint64_t start) const noexcept {
    return space == static_cast<uint64_t>(there) && offset + length == start;
  }
  bool operator==(const Descriptor&) const = default;
};
static_assert(sizeof(Descriptor) == 16);

inline Descriptor blob_range(uint64_t offset, uint64_t length) noexcept { return {offset, length, 0}; }
inline Descriptor slab_range(uint64_t offset, uint64_t length) noexcept { return {offset, length, 1}; }

/// An array of the caller's that decoding appends to. Decoding says when the table is full, and the caller drops the
/// frame; the array is never allocated anew.
struct DescriptorTable {
  Descriptor* data = nullptr;
  uint32_t count = 0;
  uint32_t capacity = 0;
};

/// Adds a range to the table: merged into the last entry where the range continues that one, but never into an entry
/// before `first`. False, and nothing changed, if the table is full. Always inline, because the variants of several
/// ISAs call it: a copy shared through the linker could be one with AVX-512 in it.
[[gnu::always_inline]] inline bool append_merged(DescriptorTable& table, uint32_t first, uint64_t offset,
                                                 uint64_t length, Space space) noexcept {
  if (table.count > first) {
    Descriptor& last = table.data[table.count - 1];
    if (last.continued_at(space, offset)) {
      last.length += length;
      return true;
    }
  }
  if (table.count == table.capacity) return false;
  table.data[table.count++] = {offset, length, static_cast<uint64_t>(space)};
  return true;
}

}  // namespace pfs
