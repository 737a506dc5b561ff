#include "blob/layout.hpp"

#include <fmt/format.h>

#include <bit>

#include "base/units.hpp"

namespace pfs {
namespace {

constexpr uint64_t kBlockMin = 64;     // bytes; BLOB.md
constexpr uint64_t kBlockMax = 65536;  // bytes; BLOB.md

std::string nearest_size(uint64_t size) {
  const uint64_t pieces = size / kPieceBytes + 1;
  return fmt::format("try {}MiB", pieces < 2 ? 2 : pieces);
}

}  // namespace

Result<Layout> make_layout(uint64_t size, uint64_t block) {
  if (size < 2 * kMiB) return fail("", fmt::format("a blob of {} bytes is below the least, 2 MiB", size), "try 2MiB");
  if (size % kPieceBytes != 0) {
    return fail("", fmt::format("a blob of {} bytes is not a multiple of 1 MiB", size), nearest_size(size));
  }
  if (!std::has_single_bit(block) || block < kBlockMin || block > kBlockMax) {
    return fail("", fmt::format("a block of {} bytes is not a power of two from 64 to 65536", block), "try 64");
  }
  Layout layout;
  layout.size = size;
  layout.block = static_cast<uint32_t>(block);
  return layout;
}

}  // namespace pfs
