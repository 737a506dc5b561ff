#include "reduce/expected.hpp"

#include <algorithm>
#include <cstring>

namespace pfs::reduce {
namespace {

constexpr uint64_t kMoreOf = 8;  // what was inserted since moves the old bytes on: an eighth of the length ...
constexpr uint64_t kMore = 64;   // ... and so many bytes are taken beyond it

}  // namespace

size_t gather_expected(std::span<const Descriptor> table, const BlobView& blob, std::span<uint8_t> out) noexcept {
  size_t filled = 0;
  uint64_t place = 0;  // in the blob, where the input goes on; 0 while that is not known
  for (size_t i = 0; i < table.size() && filled < out.size();) {
    const Descriptor& range = table[i];
    if (range.in_blob()) {
      if (range.offset >= blob.layout.l3) place = range.offset + range.length;
      ++i;
      continue;
    }
    uint64_t literal = 0;
    for (; i < table.size() && !table[i].in_blob(); ++i) literal += table[i].length;
    if (place == 0 || place >= blob.layout.size) continue;
    const uint64_t wanted = literal + literal / kMoreOf + kMore;
    const size_t bytes = std::min<uint64_t>({wanted, blob.layout.size - place, out.size() - filled});
    std::memcpy(out.data() + filled, blob.data + place, bytes);
    filled += bytes;
  }
  return filled;
}

}  // namespace pfs::reduce
