#include "blob/fill.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

#include "base/endian.hpp"
#include "simd/splitmix/splitmix.hpp"

namespace pfs {
namespace {

constexpr uint64_t kWordBytes = 8;                 // the generator's words, whatever the layout's word is
constexpr uint64_t kL3Tweak = 0x4C33000000000000;  // BLOB.md: L3 uses seed ^ this
constexpr uint64_t kL1Bytes = 256;
constexpr uint64_t kL2Words = 65536;
constexpr uint32_t kVersion = 1;
constexpr size_t kHeaderBytes = 56;

using Header = std::array<uint8_t, kHeaderBytes>;

Header make_header(const Layout& layout, uint64_t seed) noexcept {
  Header header{};
  std::memcpy(header.data(), "PFSBLOB1", 8);
  store_be<uint32_t>(&header[8], kVersion);
  store_be<uint32_t>(&header[12], layout.block);
  store_be<uint64_t>(&header[16], layout.size);
  store_be<uint64_t>(&header[24], layout.l1);
  store_be<uint64_t>(&header[32], layout.l2);
  store_be<uint64_t>(&header[40], layout.l3);
  store_be<uint64_t>(&header[48], seed);
  return header;
}

/// The part of a region that a piece touches.
struct Overlap {
  uint64_t begin = 0;  ///< bytes from the blob's start
  uint64_t end = 0;    ///< not above `begin` if they do not touch
};

Overlap overlap(uint64_t offset, uint64_t length, uint64_t region, uint64_t region_bytes) noexcept {
  return {std::max(offset, region), std::min(offset + length, region + region_bytes)};
}

void copy_part(BlobView& view, Overlap part, uint64_t region, const uint8_t* content) noexcept {
  if (part.begin < part.end)
    std::memcpy(view.data + part.begin, content + (part.begin - region), part.end - part.begin);
}

void fill_words(BlobView& view, Overlap part, uint64_t region, uint64_t seed) noexcept {
  if (part.begin >= part.end) return;
  splitmix_words(view.data + part.begin, seed, (part.begin - region) / kWordBytes,
                 (part.end - part.begin) / kWordBytes);
}

/// Fills everything below L3: a few regions in a megabyte of zeros.
void fill_front(BlobView& view, uint64_t seed, uint64_t offset, uint64_t length) noexcept {
  const Layout& layout = view.layout;
  const Overlap front = overlap(offset, length, 0, layout.l3);
  if (front.begin >= front.end) return;
  std::memset(view.data + front.begin, 0, front.end - front.begin);
  const Header header = make_header(layout, seed);
  copy_part(view, overlap(offset, length, 0, header.size()), 0, header.data());
  std::array<uint8_t, kL1Bytes> bytes;
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i);
  copy_part(view, overlap(offset, length, layout.l1, kL1Bytes), layout.l1, bytes.data());
  fill_words(view, overlap(offset, length, layout.l2, kL2Words * kWordBytes), layout.l2, seed);
}

}  // namespace

void fill_piece(BlobView& view, uint64_t seed, uint64_t offset, uint64_t length) noexcept {
  const Layout& layout = view.layout;
  assert(offset % kWordBytes == 0 && length % kWordBytes == 0 && inside(offset, length, layout.size));
  fill_front(view, seed, offset, length);
  fill_words(view, overlap(offset, length, layout.l3, layout.size - layout.l3), layout.l3, seed ^ kL3Tweak);
}

}  // namespace pfs
