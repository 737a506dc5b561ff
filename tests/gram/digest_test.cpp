#include "gram/digest.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <vector>

namespace pfs {
namespace {

struct Case {
  size_t bytes;
  uint64_t fnv1a64;
  uint32_t crc32c;
  uint64_t crc64;
};

/// By tests/vectors/pfswire.py over bytes((i*7+(i>>8)*13+1)&255 for i in range(n)); 9 is b"123456789".
constexpr Case kCases[] = {
    {0, 0xcbf29ce484222325ULL, 0x00000000U, 0x0000000000000000ULL},
    {1, 0xaf63bc4c8601b62cULL, 0xa016d052U, 0x42f0e1eba9ea3693ULL},
    {9, 0x06d5573923c6cdfcULL, 0xe3069283U, 0x6c40df5f0b497347ULL},
    {64, 0x5e0fc0bce90595a5ULL, 0xaa6ab286U, 0x90f4f769d0fdbd8cULL},
    {1000, 0x2237b3e75020ebf5ULL, 0x527f1986U, 0x53a091e41c6d6165ULL},
    {70000, 0x23ea991540c28a95ULL, 0xc7a0ad54U, 0xfa9e00eb54c2b68fULL},
};

std::vector<uint8_t> content(size_t bytes) {
  std::vector<uint8_t> out(bytes);
  for (size_t i = 0; i < bytes; ++i) out[i] = static_cast<uint8_t>(bytes == 9 ? '1' + i : i * 7 + (i >> 8) * 13 + 1);
  return out;
}

uint64_t digest(DigestKind kind, std::span<const uint8_t> bytes) {
  Digest state(kind);
  state.update(bytes);
  return state.value();
}

TEST(Digest, EachKindIsTheReferences) {
  for (const Case& each : kCases) {
    const auto bytes = content(each.bytes);
    EXPECT_EQ(digest(DigestKind::kNone, bytes), 0U) << each.bytes;
    EXPECT_EQ(digest(DigestKind::kFnv1a64, bytes), each.fnv1a64) << each.bytes;
    EXPECT_EQ(digest(DigestKind::kCrc32c, bytes), each.crc32c) << each.bytes;
    EXPECT_EQ(digest(DigestKind::kCrc64, bytes), each.crc64) << each.bytes;
  }
}

TEST(Digest, PiecesInOrderAreTheWhole) {
  const auto bytes = content(70000);
  for (uint32_t seed = 1; seed <= 10; ++seed) {
    for (const DigestKind kind : {DigestKind::kFnv1a64, DigestKind::kCrc32c, DigestKind::kCrc64}) {
      std::mt19937 random(seed);
      Digest state(kind);
      for (size_t at = 0; at < bytes.size();) {
        const size_t step = std::min<size_t>(random() % 700, bytes.size() - at);
        state.update({&bytes[at], step});
        at += step;
      }
      EXPECT_EQ(state.value(), digest(kind, bytes)) << "seed " << seed << ", kind " << static_cast<int>(kind);
    }
  }
}

/// Ranges of the blob and of the slab: whole lines, most of them, and of every other length.
std::vector<Descriptor> random_table(std::mt19937& random, uint64_t bytes) {
  std::vector<Descriptor> table(random() % 300);
  const bool odd = random() % 2 == 0;
  for (Descriptor& range : table) {
    const uint64_t length = odd && random() % 40 == 0 ? 1 + random() % 2000 : 64 * (1 + random() % 9);
    range = {random() % (bytes - length), length, random() % 5 == 0};
  }
  return table;
}

TEST(Digest, OfATableIsOfWhatItDenotes) {
  const auto blob = content(20000);
  const std::vector<uint8_t> slab(blob.rbegin(), blob.rend());
  const auto room = std::make_unique<Room>();
  for (uint32_t seed = 1; seed <= 200; ++seed) {
    std::mt19937 random(seed);
    const std::vector<Descriptor> table = random_table(random, blob.size());
    std::vector<uint8_t> denoted;
    for (const Descriptor& range : table) {
      const uint8_t* at = (range.in_blob() ? blob : slab).data() + range.offset;
      denoted.insert(denoted.end(), at, at + range.length);
    }
    for (const DigestKind kind : {DigestKind::kFnv1a64, DigestKind::kCrc32c, DigestKind::kCrc64}) {
      Digest state(kind);
      state.update({denoted.data(), std::min<size_t>(denoted.size(), 3)});
      state.update(table, blob.data(), slab.data(), *room);
      Digest expected(kind);
      expected.update({denoted.data(), std::min<size_t>(denoted.size(), 3)});
      expected.update(denoted);
      EXPECT_EQ(state.value(), expected.value()) << "seed " << seed << ", kind " << static_cast<int>(kind);
    }
  }
}

}  // namespace
}  // namespace pfs
