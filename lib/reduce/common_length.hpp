#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace pfs::reduce {

static_assert(std::endian::native == std::endian::little);

inline uint64_t load_word(const uint8_t* at) noexcept {
  uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// How many of the `most` bytes from `a` and from `b` on are equal up to the first difference.
inline size_t equal_ahead(const uint8_t* a, const uint8_t* b, size_t most) noexcept {
  size_t at = 0;
  for (; at + 32 <= most; at += 32) {
    const uint64_t differ = (load_word(a + at) ^ load_word(b + at)) | (load_word(a + at + 8) ^ load_word(b + at + 8)) |
                            (load_word(a + at + 16) ^ load_word(b + at + 16)) |
                            (load_word(a + at + 24) ^ load_word(b + at + 24));
    if (differ != 0) break;
  }
  for (; at + 8 <= most; at += 8) {
    const uint64_t differ = load_word(a + at) ^ load_word(b + at);
    if (differ != 0) return at + static_cast<size_t>(std::countr_zero(differ)) / 8;
  }
  while (at < most && a[at] == b[at]) ++at;
  return at;
}

/// The same for the bytes that end at `a` and at `b`, backwards.
inline size_t equal_behind(const uint8_t* a, const uint8_t* b, size_t most) noexcept {
  size_t at = 0;
  for (; at + 8 <= most; at += 8) {
    const uint64_t differ = load_word(a - at - 8) ^ load_word(b - at - 8);
    if (differ != 0) return at + static_cast<size_t>(std::countl_zero(differ)) / 8;
  }
  while (at < most && *(a - at - 1) == *(b - at - 1)) ++at;
  return at;
}

/// How many of the `most` bytes from `a` on are zero up to the first that is not.
inline size_t zeros_ahead(const uint8_t* a, size_t most) noexcept {
  size_t at = 0;
  for (; at + 32 <= most; at += 32) {
    if ((load_word(a + at) | load_word(a + at + 8) | load_word(a + at + 16) | load_word(a + at + 24)) != 0) break;
  }
  while (at < most && a[at] == 0) ++at;
  return at;
}

}  // namespace pfs::reduce
