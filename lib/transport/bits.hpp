#pragma once

#include <bit>
#include <cassert>
#include <cstdint>
#include <vector>

namespace pfs::transport {

/// A bit for each of the last sequence numbers, which wrap: a ring whose size is a power of two, at least 64.
class SeqBits {
 public:
  explicit SeqBits(uint32_t count) : words_(count / 64), mask_(count - 1) {
    assert(std::has_single_bit(count) && count >= 64);
  }

  [[nodiscard]] bool test(uint32_t seq) const noexcept { return (word_of(seq) >> seq % 64 & 1) != 0; }
  void set(uint32_t seq) noexcept { words_[(seq & mask_) / 64] |= uint64_t{1} << seq % 64; }
  void clear(uint32_t seq) noexcept { words_[(seq & mask_) / 64] &= ~(uint64_t{1} << seq % 64); }
  void clear_all() noexcept { words_.assign(words_.size(), 0); }

  /// The bits of `seq` and the 63 that follow, wherever in a word the first of them lies.
  [[nodiscard]] uint64_t from(uint32_t seq) const noexcept {
    const uint32_t shift = seq % 64;
    return shift == 0 ? word_of(seq) : word_of(seq) >> shift | word_of(seq + 64) << (64 - shift);
  }

 private:
  [[nodiscard]] uint64_t word_of(uint32_t seq) const noexcept { return words_[(seq & mask_) / 64]; }

  std::vector<uint64_t> words_;
  uint32_t mask_;
};

}  // namespace pfs::transport
