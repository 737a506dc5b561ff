#include "wire/codec/unpack/unpack.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "../../simd/guarded.hpp"

namespace pfs {
namespace {

/// WIRE.md's definition, bit by bit.
uint64_t reference(const std::vector<uint8_t>& packed, uint32_t bits, size_t index) {
  uint64_t value = 0;
  for (uint32_t bit = 0; bit < bits; ++bit) {
    const uint64_t k = index * bits + bit;
    value |= static_cast<uint64_t>(packed[k / 8] >> (k % 8) & 1) << bit;
  }
  return value;
}

TEST(Unpack, EveryWidthAndCountEqualsTheReferenceAtTheEndOfAPage) {
  std::mt19937 random(9);
  Guarded memory(4096);
  for (uint32_t bits = 0; bits <= 64; ++bits) {
    for (size_t count : {0, 1, 2, 3, 7, 8, 9, 10, 31, 64, 255, 256}) {
      std::vector<uint8_t> packed(packed_bytes(count, bits));
      for (auto& byte : packed) byte = static_cast<uint8_t>(count == 9 ? 0xFF : random());
      const uint8_t* at = memory.at_end(packed.data(), packed.size());
      std::vector<uint64_t> out(count, 0xDEAD);
      unpack({at, packed.size()}, bits, out);
      for (size_t i = 0; i < count; ++i) {
        ASSERT_EQ(out[i], reference(packed, bits, i)) << "bits " << bits << " count " << count << " value " << i;
      }
    }
  }
}

TEST(Unpack, ALongerSpanThanNeededChangesNothing) {
  std::vector<uint8_t> packed(40, 0xA5);
  for (uint32_t bits = 1; bits <= 64; ++bits) {
    std::vector<uint64_t> out(4);
    unpack(packed, bits, out);
    for (size_t i = 0; i < out.size(); ++i) ASSERT_EQ(out[i], reference(packed, bits, i)) << "bits " << bits;
  }
}

}  // namespace
}  // namespace pfs
