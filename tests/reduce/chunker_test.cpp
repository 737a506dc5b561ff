#include "reduce/chunker.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "reduce/gear.hpp"
#include "support.hpp"

namespace pfs::reduce {
namespace {

using namespace test;

/// The obvious version: at each place, the hash of the 64 bytes up to there from scratch.
size_t slow_length(std::span<const uint8_t> bytes, uint32_t average) {
  const size_t most = 4 * size_t{average};
  const auto hash = [bytes](size_t length) {
    uint64_t sum = 0;
    for (size_t i = length - 64; i < length; ++i) sum = (sum << 1) + kGear[bytes[i]];
    return sum;
  };
  for (size_t length = average / 4; length <= std::min(most, bytes.size()); ++length) {
    if (hash(length) <= UINT64_MAX / average) return length;
  }
  if (bytes.size() < most) return bytes.size();
  size_t smallest = most / 2;
  for (size_t length = most / 2; length <= most; ++length) {
    if (hash(length) <= hash(smallest)) smallest = length;
  }
  return smallest;
}

std::vector<uint64_t> serial(const Chunker& chunker, std::span<const uint8_t> input) {
  std::vector<uint64_t> ends;
  for (uint64_t at = 0; at < input.size(); ends.push_back(at)) {
    at += chunker.length(input.data() + at, input.size() - at);
  }
  return ends;
}

TEST(Chunker, CutsWhereTheObviousVersionCuts) {
  for (const uint32_t average : {512u, 1024u, 2048u}) {
    const Chunker chunker(average);
    for (uint64_t seed = 1; seed <= 12; ++seed) {
      const Bytes input = mixed_bytes(60000 + seed, seed);
      const std::span<const uint8_t> all = input;
      for (size_t at = 0; at < input.size();) {
        const size_t length = chunker.length(input.data() + at, input.size() - at);
        ASSERT_EQ(length, slow_length(all.subspan(at), average))
            << "average " << average << " seed " << seed << " at " << at;
        at += length;
      }
    }
  }
}

TEST(Chunker, EveryLengthOfInputIsCutWithinIt) {
  const Chunker chunker(512);
  const Bytes input = random_bytes(3000, 1);
  for (size_t length = 1; length <= input.size(); ++length) {
    const Bytes exact(input.begin(),
                      input.begin() + static_cast<ptrdiff_t>(length));  // so that a sanitizer sees its end
    ASSERT_EQ(chunker.length(exact.data(), length), slow_length(exact, 512)) << length;
  }
}

TEST(Chunker, ContentWithoutACutIsCutAlikeAndWithinItsEnd) {
  const Chunker chunker(512);
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Bytes input;
    while (input.size() < 2200) append(input, random_bytes(97, seed));
    for (size_t length = 2040; length <= 2056; ++length) {  // 2,048 are the most
      ASSERT_EQ(chunker.length(input.data(), length), slow_length(std::span(input).first(length), 512))
          << "seed " << seed << ", length " << length;
    }
  }
}

TEST(Chunker, LengthsAreWithinTheirBoundsAndRandomBytesHaveTheStatedMean) {
  const Chunker chunker(1024);
  const Bytes input = random_bytes(8 << 20, 5);
  const auto ends = serial(chunker, input);
  uint64_t before = 0;
  for (const uint64_t end : ends) {
    ASSERT_LE(end - before, chunker.most());
    ASSERT_TRUE(end - before >= chunker.least() || end == input.size());
    before = end;
  }
  const double mean = static_cast<double>(input.size()) / static_cast<double>(ends.size());
  EXPECT_NEAR(mean, 256 + 1024 * (1 - 0.0235), 40);  // what `most` cuts off of the exponential's tail is 2.35 %
}

TEST(Chunker, AByteInTheFrontMovesAllButTheFirstCuts) {
  const Chunker chunker;
  Bytes input = random_bytes(1 << 20, 2);
  const auto before = serial(chunker, input);
  input.insert(input.begin(), 7);
  const auto after = serial(chunker, input);
  size_t same = 0;
  for (const uint64_t end : before) same += std::binary_search(after.begin(), after.end(), end + 1);
  EXPECT_GE(same + 8, before.size());
}

TEST(Chunker, AFullTableOfEndsIsGoneOnWith) {
  const Chunker chunker;
  const Bytes input = mixed_bytes(200000, 3);
  const auto expected = serial(chunker, input);
  std::vector<uint64_t> ends;
  for (size_t at = 0; at < input.size();) {
    std::array<uint64_t, 7> room{};
    const size_t count = chunker.cut(input, at, input.size(), room);
    ends.insert(ends.end(), room.begin(), room.begin() + static_cast<ptrdiff_t>(count));
    at = ends.back();
  }
  EXPECT_EQ(ends, expected);
}

TEST(JoinParts, AnyNumberOfWorkersCutAsOneDoes) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    std::mt19937_64 random(seed);
    const Chunker chunker(seed % 2 == 0 ? 512 : 1024);
    const size_t bytes = 1 + random() % 300000;
    const Bytes input = seed % 3 == 0 ? random_bytes(bytes, seed) : mixed_bytes(bytes, seed);
    std::vector<uint64_t> bounds = {0, input.size()};
    for (uint64_t i = random() % 12; i-- > 0;) bounds.push_back(random() % input.size());
    if (seed % 5 == 0)
      bounds.push_back(bounds.back() + 1 < input.size() ? bounds.back() + 1 : 0);  // a part of one byte
    std::sort(bounds.begin(), bounds.end());
    bounds.erase(std::unique(bounds.begin(), bounds.end()), bounds.end());
    std::vector<CutPart> parts;
    for (size_t i = 0; i + 1 < bounds.size(); ++i) parts.push_back(cut_part(chunker, input, bounds[i], bounds[i + 1]));
    std::vector<uint64_t> ends;
    join_parts(chunker, input, parts, ends);
    ASSERT_EQ(ends, serial(chunker, input)) << "seed " << seed << ", " << parts.size() << " parts";
  }
}

TEST(JoinParts, ContentWithoutCutsThatNeverRealignsIsJoinedAllTheSame) {
  const Chunker chunker;
  for (const size_t period : {1, 3, 64, 1000}) {
    Bytes input = random_bytes(period, period);
    while (input.size() < 300000) append(input, random_bytes(period, period));
    std::vector<CutPart> parts;
    const uint64_t bounds[] = {0, 10001, 90003, 90004, 200005, input.size()};
    for (size_t i = 0; i + 1 < std::size(bounds); ++i)
      parts.push_back(cut_part(chunker, input, bounds[i], bounds[i + 1]));
    std::vector<uint64_t> ends;
    join_parts(chunker, input, parts, ends);
    EXPECT_EQ(ends, serial(chunker, input)) << "period " << period;
  }
}

TEST(JoinParts, OrdinaryPartsMeetWithinAFewChunks) {
  const Chunker chunker;
  const Bytes input = random_bytes(4 << 20, 9);
  const auto expected = serial(chunker, input);
  uint64_t worst = 0;
  for (uint64_t at = 1; at < 3000000; at += 99991) {
    const CutPart part = cut_part(chunker, input, at, input.size());
    const auto met = std::find_if(part.ends.begin(), part.ends.end(), [&](uint64_t end) {
      return std::binary_search(expected.begin(), expected.end(), end);
    });
    ASSERT_NE(met, part.ends.end());
    worst = std::max(worst, static_cast<uint64_t>(met - part.ends.begin()));
  }
  EXPECT_LE(worst, 20u);
}

}  // namespace
}  // namespace pfs::reduce
