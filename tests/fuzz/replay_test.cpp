// The fuzz target over the worked cases of tests/vectors, over mutations of them, and over noise; by seed.
#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "fuzz_frame.hpp"
#include "payloads.hpp"

namespace pfs::test {
namespace {

using Random = std::mt19937_64;

/// Frames of sessions among them, whose units an assembler passes over.
std::vector<Bytes> vectors() {
  std::vector<Bytes> out = payloads_of("wire.jsonl");
  for (Bytes& payload : payloads_of("session.jsonl")) out.push_back(std::move(payload));
  return out;
}

void append_frame(Bytes& input, const Bytes& payload, bool time_passes) {
  const auto head = static_cast<uint16_t>(payload.size() | (time_passes ? 0x8000u : 0u));
  input.push_back(static_cast<uint8_t>(head >> 8));
  input.push_back(static_cast<uint8_t>(head));
  input.insert(input.end(), payload.begin(), payload.end());
}

TEST(Fuzz, EveryVectorInEveryShape) {
  const std::vector<Bytes> payloads = vectors();
  ASSERT_GT(payloads.size(), 20u);
  for (int shape = 0; shape < 128; ++shape) {
    Bytes input{static_cast<uint8_t>(shape)};
    for (const Bytes& payload : payloads) append_frame(input, payload, false);
    ASSERT_EQ(fuzz_frame(input.data(), input.size()), static_cast<int>(payloads.size()));
  }
}

TEST(Fuzz, MutatedVectors) {
  const std::vector<Bytes> payloads = vectors();
  for (uint64_t seed = 1; seed <= 1000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    Bytes input{static_cast<uint8_t>(random())};
    for (int frames = 0; frames < 100; ++frames) {
      Bytes payload = payloads[random() % payloads.size()];
      if (payload.size() > 16 && random() % 4 != 0) {  // near the sequence, where most of the code is
        std::memset(&payload[2], 0, 14 - 2);
        payload[7] = static_cast<uint8_t>(frames + random() % 5);
        payload[11] = static_cast<uint8_t>(frames / 3);
        payload[13] = static_cast<uint8_t>(frames % 3);
      }
      for (uint64_t flips = random() % 3; flips > 0 && !payload.empty(); --flips) {
        payload[random() % payload.size()] ^= static_cast<uint8_t>(1u << random() % 8);
      }
      append_frame(input, payload, random() % 16 == 0);
    }
    fuzz_frame(input.data(), input.size());
  }
}

TEST(Fuzz, Noise) {
  for (uint64_t seed = 1; seed <= 10000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    Bytes input(random() % 400);
    for (uint8_t& byte : input) byte = static_cast<uint8_t>(random());
    for (size_t at = 1; at + 4 < input.size(); at += 2 + input[at + 1]) {  // short frames, half of them with a header
      input[at] &= 0x80;
      if (random() % 2 != 0) input[at + 1] = 40;
      if (random() % 2 != 0) {
        input[at + 2] = 0xE0;
        input[at + 3] = static_cast<uint8_t>(0x10 | (input[at + 3] & 15));
      }
    }
    fuzz_frame(input.data(), input.size());
  }
}

}  // namespace
}  // namespace pfs::test
