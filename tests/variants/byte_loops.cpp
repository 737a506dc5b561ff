#include <gtest/gtest.h>

#include <algorithm>

#include "make_loop.hpp"
#include "simd/crc16/crc16.hpp"
#include "simd/fnv1a/fnv1a.hpp"
#include "simd/sha256_many/sha256_many.hpp"
#include "simd/splitmix/splitmix.hpp"

namespace pfs::variants {
namespace {

Outcome number(uint64_t value) { return Outcome().number(value); }

/// `size` streams, most of one length; the last few differ.
Outcome fnv1a(FnvManyFunction* run, Input& in) {
  std::vector<FnvStream> streams(std::min<size_t>(in.size(), 200));
  const uint64_t usual = in.below(400);
  for (auto& stream : streams) {
    const uint64_t bytes = in.below(3) == 0 ? in.below(300) : usual;
    stream = {in.data(bytes), bytes, in.random()};
  }
  run(streams);
  Outcome outcome;
  for (const auto& stream : streams) outcome.number(stream.state).number(stream.bytes);
  return outcome;
}

/// `size` streams, most of one length, each from anywhere.
Outcome sha256(ShaManyFunction* run, Input& in) {
  std::vector<ShaStream> streams(std::min<size_t>(in.size(), 70));
  const uint64_t usual = in.below(5);
  for (auto& stream : streams) {
    stream.blocks = in.below(3) == 0 ? in.below(9) : usual;
    stream.data = in.data(stream.blocks * kShaBlockBytes);
    for (uint32_t& word : stream.state) word = static_cast<uint32_t>(in.random());
  }
  const std::vector<ShaStream> before = streams;
  run(streams);
  Outcome outcome;
  for (size_t i = 0; i < streams.size(); ++i) {
    EXPECT_EQ(streams[i].data, before[i].data + before[i].blocks * kShaBlockBytes);
    outcome.bytes(streams[i].state, sizeof(streams[i].state)).number(streams[i].blocks);
  }
  return outcome;
}

}  // namespace

std::vector<Tested> byte_loops() {
  return {
      loop("crc16", pfs::crc16_ccitt,
           [](auto* run, Input& in) {
             return number(run(static_cast<uint16_t>(in.random()), in.data(in.size()), in.size()));
           }),
      loop("splitmix", pfs::splitmix_words,
           [](auto* run, Input& in) {
             uint8_t* out = in.room(in.size() * 8);
             run(out, in.random(), in.random(), in.size());
             return Outcome().bytes(out, in.size() * 8);
           }),
      loop("fnv1a_many", pfs::fnv1a_many, fnv1a),
      loop("sha256_many", pfs::sha256_many, sha256),
  };
}

}  // namespace pfs::variants
