// Digests of many messages against OpenSSL's of each. Also run with PFS_ISA set to each level.
#include "simd/sha256_many/digests.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

#include "guarded.hpp"

namespace pfs {
namespace {

using Bytes = std::span<const uint8_t>;

Bytes random_bytes(size_t count, uint32_t seed) {
  static std::vector<uint8_t> all = [] {
    std::mt19937 random(1);
    std::vector<uint8_t> bytes((1 << 20) + 64 + 100000);
    std::ranges::generate(bytes, [&] { return static_cast<uint8_t>(random()); });
    return bytes;
  }();
  return Bytes(all).subspan(seed * 37 % 100000, count);
}

/// Checks `lengths.size()` messages of these lengths, each right before a wall.
void check(size_t head_bytes, const std::vector<size_t>& lengths) {
  const Bytes head = random_bytes(head_bytes, 1000);
  std::vector<std::unique_ptr<Guarded>> memories;
  std::vector<Bytes> messages;
  for (const size_t length : lengths) {
    const auto number = static_cast<uint32_t>(messages.size());
    memories.push_back(std::make_unique<Guarded>(length));
    messages.emplace_back(memories.back()->at_end(random_bytes(length, number).data(), length), length);
  }
  Sha256Digest untouched;
  untouched.fill(0xAB);
  std::vector<Sha256Digest> digests(lengths.size() + 1, untouched);
  sha256_digests(head, messages, std::span(digests).first(lengths.size()));
  for (size_t i = 0; i < lengths.size(); ++i) {
    Sha256 wanted;
    wanted.update(head);
    wanted.update(messages[i]);
    ASSERT_EQ(to_hex(digests[i]), to_hex(wanted.finish())) << "message " << i << " of " << lengths.size() << ", "
                                                           << lengths[i] << " bytes behind a head of " << head_bytes;
  }
  ASSERT_EQ(digests.back(), untouched);
}

constexpr size_t kCounts[] = {0, 1, 2, 3, 10, 11, 15, 16, 17, 27, 32, 33};

TEST(Sha256Digests, AreOpenSslsAtEveryLengthAroundABlocksEnd) {
  for (const size_t head : {0, 1, 8, 55, 63}) {
    for (const size_t length : {0, 1, 54, 55, 56, 62, 63, 64, 65, 119, 120, 127, 128, 129, 1000}) {
      for (const size_t count : kCounts) check(head, std::vector<size_t>(count, length));
    }
  }
}

TEST(Sha256Digests, AreOpenSslsOfAMebibyteBehindAByte) {
  for (const size_t count : {1, 15, 16, 17}) check(1, std::vector<size_t>(count, 1 << 20));
}

TEST(Sha256Digests, AreOpenSslsOfUnequalMessages) {
  for (uint32_t seed = 1; seed <= 100; ++seed) {
    std::mt19937 random(seed);
    std::vector<size_t> lengths(random() % 40);
    for (size_t& length : lengths) length = random() % (random() % 2 == 0 ? 130 : 5000);
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    check(random() % 64, lengths);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace pfs
