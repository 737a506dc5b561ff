// EXTENTS units to descriptors, with nothing to merge: 20-bit gaps, 12-bit lengths.
#include <algorithm>
#include <random>
#include <vector>

#include "../simd/loops.hpp"
#include "../simd/measure.hpp"
#include "wire/codec/extents/extents.hpp"
#include "wire/codec/pack/pack.hpp"
#include "wire/codec/unpack/unpack.hpp"

namespace pfs::bench {
namespace {

constexpr uint32_t kOffsetBits = 20;
constexpr uint32_t kLengthBits = 12;

/// A unit's packed arrays, and room for what it denotes.
struct Unit {
  std::vector<uint8_t> deltas;
  std::vector<uint8_t> lengths;
  std::vector<Descriptor> room;

  explicit Unit(uint32_t count)
      : deltas(packed_bytes(count - 1, kOffsetBits)), lengths(packed_bytes(count, kLengthBits)), room(count) {
    std::mt19937 random(count);
    std::vector<uint64_t> values(count);
    for (auto& value : values) value = random() >> (32 - kOffsetBits);
    pack({values.data(), count - 1}, kOffsetBits, deltas.data());
    for (auto& value : values) value = random() >> (32 - kLengthBits);
    pack(values, kLengthBits, lengths.data());
  }
};

}  // namespace

void register_extents() {
  for (const uint32_t count : {8U, 32U, 256U}) {
    const std::string size = std::to_string(count);
    each_variant(decode_extents.variants(), [&](const char* who, const char* label, ExtentsFunction* run) {
      items(std::string("extents/") + who + "/" + size, count, label, [=] {
        return [=, unit = Unit(count)]() mutable {
          DescriptorTable table{.data = unit.room.data(), .count = 0, .capacity = count};
          const PackedExtents extents{.count = count,
                                      .offset_bits = kOffsetBits,
                                      .length_bits = kLengthBits,
                                      .base = 4096,
                                      .step = 64,
                                      .shortest = 1,
                                      .deltas = unit.deltas,
                                      .lengths = unit.lengths};
          const ExtentsFault fault = run(extents, uint64_t{1} << 40, table, 0);
          return fault == ExtentsFault::kNone ? table.count : 0;
        };
      });
    });
    items("extents/ceiling-store/" + size, count, "std::fill", [count] {
      return [table = std::vector<Descriptor>(count)]() mutable {
        std::fill(table.begin(), table.end(), Descriptor{64, 64, 0});
        return table.data();
      };
    });
  }
}

}  // namespace pfs::bench
