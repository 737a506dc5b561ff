#include <gtest/gtest.h>

#include <algorithm>

#include "kernels/add_imm8/loop.hpp"
#include "kernels/count_eq_imm8/loop.hpp"
#include "kernels/min_max_u8/loop.hpp"
#include "kernels/sum_u64/loop.hpp"
#include "kernels/sum_u8/loop.hpp"
#include "kernels/xor_imm8/loop.hpp"
#include "make_loop.hpp"
#include "simd/crc16/crc16.hpp"
#include "simd/fnv1a/fnv1a.hpp"
#include "simd/sha256_many/sha256_many.hpp"
#include "simd/splitmix/splitmix.hpp"

namespace pfs::variants {
namespace {

Outcome number(uint64_t value) { return Outcome().number(value); }

/// A loop that changes `size` bytes where they lie.
auto in_place() {
  return [](auto* run, Input& in) {
    uint8_t* data = in.data(in.size());
    run(data, in.size(), static_cast<uint8_t>(in.random()));
    return Outcome().bytes(data, in.size());
  };
}

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
      loop("add_imm8", pfs::add_imm8, in_place()),
      loop("xor_imm8", pfs::xor_imm8, in_place()),
      loop("count_eq", pfs::count_eq,
           [](auto* run, Input& in) { return number(run(in.data(in.size()), in.size(), in.below(2) ? 0xFF : 0)); }),
      loop("sum_u8", pfs::sum_u8, [](auto* run, Input& in) { return number(run(in.data(in.size()), in.size())); }),
      loop("sum_u64", pfs::sum_u64,
           [](auto* run, Input& in) { return number(run(in.data(in.size() * 8), in.size() * 8)); }),
      loop("min_max_u8", pfs::min_max_u8,
           [](auto* run, Input& in) {
             const MinMax start{static_cast<uint8_t>(in.random()), static_cast<uint8_t>(in.random())};
             const MinMax found = run(in.data(in.size()), in.size(), start);
             return Outcome().number(found.min).number(found.max);
           }),
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
