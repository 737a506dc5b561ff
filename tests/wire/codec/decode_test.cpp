#include "wire/codec/decode/decode.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <random>
#include <vector>

#include "../../simd/guarded.hpp"
#include "base/endian.hpp"
#include "wire/codec/prp32/prp32.hpp"

namespace pfs {
namespace {

struct Outcome {
  RunFault fault = RunFault::kNone;
  std::vector<Descriptor> table;  ///< empty after a fault: its count means nothing then
  bool operator==(const Outcome&) const = default;
};

void PrintTo(const Outcome& outcome, std::ostream* out) {
  *out << "fault " << static_cast<int>(outcome.fault) << ", " << outcome.table.size() << " ranges:";
  for (const auto& range : outcome.table) *out << ' ' << range.offset << '+' << range.length;
}

/// What WIRE.md says, one reference after the other, on a vector.
Outcome expected(uint32_t width, const std::vector<uint32_t>& wire, const RunGeometry& geometry,
                 std::vector<Descriptor> table, uint32_t capacity, uint32_t first) {
  for (const uint32_t reference : wire) {
    const uint64_t index = width == 4 && geometry.permuted ? prp32(reference, geometry.key) : reference;
    if (index >= geometry.limit) return {.fault = RunFault::kOutOfBounds};
    const uint64_t offset = geometry.base + index * geometry.item;
    Descriptor* last = table.size() > first ? &table.back() : nullptr;
    if (last != nullptr && last->in_blob() && last->offset + last->length == offset) {
      last->length += geometry.item;
    } else if (table.size() == capacity) {
      return {.fault = RunFault::kFull};
    } else {
      table.push_back(blob_range(offset, geometry.item));
    }
  }
  return {.table = std::move(table)};
}

struct Case {
  DecodeFunction* run;
  uint32_t width;
  Guarded references{size_t{1} << 20};
  Guarded memory{size_t{1} << 20};

  /// Runs on references that end at a wall, into a table that ends at a wall.
  Outcome actual(const std::vector<uint32_t>& wire, const RunGeometry& geometry, const std::vector<Descriptor>& table,
                 uint32_t capacity, uint32_t first) {
    std::vector<uint8_t> bytes(wire.size() * width);
    for (size_t i = 0; i < wire.size(); ++i) {
      if (width == 1) bytes[i] = static_cast<uint8_t>(wire[i]);
      if (width == 2) store_be(bytes.data() + 2 * i, static_cast<uint16_t>(wire[i]));
      if (width == 4) store_be(bytes.data() + 4 * i, wire[i]);
    }
    std::vector<Descriptor> room(capacity, slab_range(0xDEAD, 1));
    std::copy(table.begin(), table.end(), room.begin());
    uint8_t* place = memory.at_end(reinterpret_cast<const uint8_t*>(room.data()), capacity * sizeof(Descriptor));
    DescriptorTable view{.data = reinterpret_cast<Descriptor*>(place),
                         .count = static_cast<uint32_t>(table.size()),
                         .capacity = capacity};
    const uint8_t* start = references.at_end(bytes.data(), bytes.size());
    Outcome out{.fault = run(start, static_cast<uint32_t>(wire.size()), geometry, view, first)};
    for (uint32_t i = 0; i < first; ++i) EXPECT_EQ(view.data[i], table[i]) << "an entry before first changed";
    if (out.fault == RunFault::kNone) out.table.assign(view.data, view.data + view.count);
    return out;
  }
};

/// References in stretches that count up, of mean length `stretch`; below `limit` where that is not 0.
std::vector<uint32_t> stretches(std::mt19937& random, size_t count, uint32_t width, uint32_t stretch, uint64_t limit) {
  const uint64_t range = std::min(limit, uint64_t{1} << (8 * width));
  std::vector<uint32_t> out;
  uint64_t next = 0;
  for (size_t i = 0; i < count; ++i) {
    if (i == 0 || random() % stretch == 0) next = random() % range;
    out.push_back(static_cast<uint32_t>(next));
    next = (next + 1) % range;
  }
  return out;
}

using Parameter = std::tuple<uint32_t, Variant<DecodeFunction>>;

class Decode : public testing::TestWithParam<Parameter> {
 protected:
  void SetUp() override {
    if (std::get<1>(GetParam()).isa > detected_isa()) GTEST_SKIP() << "this CPU lacks the instructions";
  }
  [[nodiscard]] uint32_t width() const { return std::get<0>(GetParam()); }
  [[nodiscard]] uint64_t values() const { return uint64_t{1} << (8 * width()); }

  void check(const std::vector<uint32_t>& wire, const RunGeometry& geometry, const std::vector<Descriptor>& table = {},
             uint32_t first = 0, uint32_t spare = 0) {
    for (const uint32_t capacity :
         {static_cast<uint32_t>(table.size() + wire.size() + 1), static_cast<uint32_t>(table.size() + spare),
          static_cast<uint32_t>(table.size() + wire.size() / 2)}) {
      ASSERT_EQ(case_.actual(wire, geometry, table, capacity, first),
                expected(width(), wire, geometry, table, capacity, first))
          << "references " << wire.size() << " capacity " << capacity << " first " << first << " limit "
          << geometry.limit << " item " << geometry.item;
    }
  }

  Case case_{std::get<1>(GetParam()).run, width()};
};

TEST_P(Decode, SequentialReferencesBecomeOneRange) {
  for (uint32_t count = 0; count <= 100; ++count) {
    std::vector<uint32_t> wire(count);
    for (uint32_t i = 0; i < count; ++i) wire[i] = i + 5;
    check(wire, {.base = 4096, .item = 8, .limit = values()});
  }
}

TEST_P(Decode, AnyMixOfStretchesEqualsTheReference) {
  for (uint32_t seed = 0; seed < 400; ++seed) {
    std::mt19937 random(seed);
    const size_t count = random() % 100;
    const uint32_t stretch = 1 + random() % 20;
    const auto wire = stretches(random, count, width(), stretch, values());
    RunGeometry geometry{.base = random(), .item = uint64_t{1} << random() % 13, .limit = values()};
    geometry.permuted = seed % 3 == 0;
    geometry.key = random();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    check(wire, geometry, {}, 0, random() % 40);
    if (HasFatalFailure()) return;
  }
}

TEST_P(Decode, PermutedReferencesMergeByTheirIndices) {
  std::mt19937 random(7);
  for (uint32_t key : {0u, 1u, 0xC0FFEEu, 0xFFFFFFFFu}) {
    auto wire = stretches(random, 77, width(), 9, values());
    if (width() == 4) {  // the others are not permuted, whatever the geometry says
      for (auto& reference : wire) reference = prp32_inverse(reference, key);
    }
    check(wire, {.base = 1 << 20, .item = 64, .limit = values(), .key = key, .permuted = true});
  }
}

TEST_P(Decode, TheFirstReferenceOutOfBoundsIsFound) {
  for (uint32_t count = 1; count <= 40; ++count) {
    for (uint32_t bad = 0; bad < count; ++bad) {
      std::vector<uint32_t> wire(count);
      for (uint32_t i = 0; i < count; ++i) wire[i] = i < bad ? 10 : 11 + (i - bad) % 200;
      check(wire, {.item = 64, .limit = 11});
      std::iota(wire.begin(), wire.end(), 100 - bad);  // in sequence over the limit
      check(wire, {.item = 64, .limit = 100});
    }
  }
  check({0, 1, 2}, {.item = 64, .limit = 0});
}

TEST_P(Decode, TheHighestReferenceIsNotFollowedByZero) {
  const auto top = static_cast<uint32_t>(values() - 1);
  for (uint32_t before = 0; before < 33; ++before) {
    std::vector<uint32_t> wire;
    for (uint32_t i = before; i > 0; --i) wire.push_back(top - i);
    for (const uint32_t reference : {top, 0u, 1u, 2u, top, top, 0u}) wire.push_back(reference);
    for (uint32_t i = 3; i < 30; ++i) wire.push_back(i);
    check(wire, {.base = 64, .item = 64, .limit = values()});
    check(wire, {.base = 64, .item = 64, .limit = uint64_t{1} << 40});
  }
}

TEST_P(Decode, MergesIntoTheTablesLastRangeOnlyBehindFirst) {
  const RunGeometry geometry{.base = 1000, .item = 8, .limit = values()};
  for (const uint64_t space : {0, 1}) {
    const std::vector<Descriptor> table = {{1000, 16, 0}, {1000, 16, space}};  // ends where reference 2 starts
    for (const uint32_t first : {0, 1, 2}) {
      for (const uint32_t step : {1, 2}) {
        for (const uint32_t count : {1, 7, 8, 15, 16, 17, 40}) {
          std::vector<uint32_t> wire(count);
          for (uint32_t i = 0; i < count; ++i) wire[i] = 2 + i * step;
          check(wire, geometry, table, first);
          wire[0] = 3;
          check(wire, geometry, table, first);
        }
      }
    }
  }
}

TEST_P(Decode, ItemsThatAreNoPowerOfTwoWork) {
  std::mt19937 random(11);
  for (const uint64_t item : {1, 3, 24, 100}) {
    check(stretches(random, 60, width(), 5, values()), {.base = 7, .item = item, .limit = values()});
    check(stretches(random, 60, width(), 5, 200), {.base = 7, .item = item, .limit = 150});
  }
}

TEST_P(Decode, AllOnesIsAnOrdinaryReference) {
  const std::vector<uint32_t> wire(50, static_cast<uint32_t>(values() - 1));
  check(wire, {.base = 0, .item = 65536, .limit = values()});
  check(wire, {.base = 0, .item = 65536, .limit = values() - 1});
}

std::vector<Parameter> parameters() {
  std::vector<Parameter> all;
  for (uint32_t width_pow2 = 0; width_pow2 < 3; ++width_pow2) {
    for (const auto& variant : kDecodeLoops[width_pow2]->variants()) all.emplace_back(1u << width_pow2, variant);
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Variants, Decode, testing::ValuesIn(parameters()), [](const auto& info) {
  return "width" + std::to_string(std::get<0>(info.param)) + name(std::get<1>(info.param).isa);
});

TEST(DecodeChoice, IsTheHighestVariantOfTheActiveLevel) {
  const uint8_t references[4] = {};
  for (uint32_t width_pow2 = 0; width_pow2 < 3; ++width_pow2) {
    Descriptor room;
    DescriptorTable table{.data = &room, .count = 0, .capacity = 1};
    EXPECT_EQ(decode_run(width_pow2, references, 1, {.item = 1, .limit = 1}, table, 0), RunFault::kNone);
    EXPECT_EQ(kDecodeLoops[width_pow2]->chosen(), pick(kDecodeLoops[width_pow2]->variants(), active_isa()));
  }
}

TEST(RunGeometry, CountsWholeItemsInsideTheBlob) {
  EXPECT_EQ(run_geometry(100, 8, 107).limit, 0u);
  EXPECT_EQ(run_geometry(100, 8, 108).limit, 1u);
  EXPECT_EQ(run_geometry(100, 8, 99).limit, 0u);
  EXPECT_EQ(run_geometry(~uint64_t{0}, 8, 1000).limit, 0u);
}

}  // namespace
}  // namespace pfs
