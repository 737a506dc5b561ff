// The fuzz target of sessions' frames over their worked cases, over the corpus that libFuzzer found, over mutations of
// both, and over noise behind a sound beginning; by seed.
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <random>

#include "fuzz_control.hpp"
#include "payloads.hpp"

namespace pfs::test {
namespace {

using Random = std::mt19937_64;

std::vector<Bytes> corpus() {
  std::vector<Bytes> out = payloads_of("session.jsonl");
  std::ifstream found(PFS_CONTROL_CORPUS);
  for (std::string line; std::getline(found, line);) out.push_back(from_hex(line));
  return out;
}

int take(const Bytes& payload) { return fuzz_control(payload.data(), payload.size()); }

TEST(FuzzControl, WorkedCasesAndCorpus) {
  const std::vector<Bytes> payloads = corpus();
  ASSERT_GT(payloads.size(), 200u);
  int units = 0;
  for (const Bytes& payload : payloads) units += take(payload);
  EXPECT_GT(units, 250);
}

TEST(FuzzControl, EveryCutAndEveryFlippedByteOfTheWorkedCases) {
  for (const Bytes& payload : payloads_of("session.jsonl")) {
    if (payload.size() > 400) continue;  // padding
    for (size_t at = 0; at < payload.size(); ++at) {
      take({payload.begin(), payload.begin() + static_cast<ptrdiff_t>(at)});
      for (const uint8_t flip : {0x01, 0x80, 0xFF}) {
        Bytes other = payload;
        other[at] ^= flip;
        take(other);
      }
    }
  }
}

TEST(FuzzControl, MutatedCorpus) {
  const std::vector<Bytes> payloads = corpus();
  for (uint64_t seed = 1; seed <= 1000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    for (int frames = 0; frames < 300; ++frames) {
      Bytes payload = payloads[random() % payloads.size()];
      const Bytes& other = payloads[random() % payloads.size()];
      if (random() % 4 == 0) payload.insert(payload.end(), other.begin() + 41 % other.size(), other.end());
      for (uint64_t flips = random() % 4; flips > 0; --flips) {
        payload[random() % payload.size()] ^= static_cast<uint8_t>(1u << random() % 8);
      }
      if (random() % 2 == 0 && payload.size() >= 41) {  // all of it is announced
        payload[14] = static_cast<uint8_t>((payload.size() - 16) >> 8);
        payload[15] = static_cast<uint8_t>(payload.size() - 16);
      }
      take(payload);
    }
  }
}

TEST(FuzzControl, NoiseBehindASoundBeginning) {
  const Bytes head = payloads_of("session.jsonl").front();  // CARRY alone
  ASSERT_EQ(head.size(), 41u);
  for (uint64_t seed = 1; seed <= 10000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    Bytes payload = head;
    payload.resize(41 + random() % 300);
    std::generate(payload.begin() + 41, payload.end(), [&] { return static_cast<uint8_t>(random()); });
    payload[14] = static_cast<uint8_t>((payload.size() - 16) >> 8);
    payload[15] = static_cast<uint8_t>(payload.size() - 16);
    constexpr uint8_t kLengths[] = {22, 36, 128, 132, 22, 12, 6};  // of E4 to EA; SACK without words
    if (payload.size() > 44 && random() % 4 != 0) {                // a unit of sessions that is of its length
      const uint64_t kind = random() % std::size(kLengths);
      payload[41] = static_cast<uint8_t>(0xE4 + kind);
      payload[42] = 0;
      payload[43] = kLengths[kind];
    }
    take(payload);
  }
}

}  // namespace
}  // namespace pfs::test
