#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "make_loop.hpp"
#include "simd/crc32c_lines/crc32c_lines.hpp"
#include "simd/gather/gather.hpp"
#include "wire/codec/decode/decode.hpp"
#include "wire/codec/encode/encode.hpp"
#include "wire/codec/extents/extents.hpp"
#include "wire/codec/pack/pack.hpp"
#include "wire/codec/unpack/unpack.hpp"

namespace pfs::variants {
namespace {

/// An array's table, after a fault as little as it means then.
Outcome outcome_of(bool good, uint64_t fault, const DescriptorTable& table, uint32_t first) {
  Outcome outcome = Outcome().number(fault);
  return outcome.bytes(table.data, (good ? table.count : first) * sizeof(Descriptor));
}

/// Room for about `count` descriptors, often one or a few too many or too few, behind some that are there already.
DescriptorTable table_for(uint64_t count, Input& in, uint32_t& first) {
  first = static_cast<uint32_t>(in.below(3));
  const uint64_t capacity = in.below(4) == 0 ? count / 2 : count + in.below(20);
  DescriptorTable table{.data = in.array(first + capacity, slab_range(7, 7)),
                        .count = first,
                        .capacity = static_cast<uint32_t>(first + capacity)};
  if (first > 0 && in.below(2) == 0) table.data[first - 1] = blob_range(0, 4096), first -= 1;
  return table;
}

auto decode(uint32_t width_pow2) {
  return [width_pow2](DecodeFunction* run, Input& in) {
    const auto count = static_cast<uint32_t>(in.size());
    RunGeometry geometry{.base = in.below(3) * 4096, .item = uint64_t{1} << in.below(13)};
    if (in.below(8) == 0) geometry.item = 24;
    geometry.limit = in.below(4) == 0 ? in.below(70000) : uint64_t{1} << 32;
    geometry.permuted = in.below(3) == 0;
    geometry.key = static_cast<uint32_t>(in.random());
    uint32_t first = 0;
    DescriptorTable table = table_for(count, in, first);
    const uint8_t* references = in.data(size_t{count} << width_pow2);
    const RunFault fault = run(references, count, geometry, table, first);
    return outcome_of(fault == RunFault::kNone, static_cast<uint64_t>(fault), table, first);
  };
}

auto encode(uint32_t width_pow2) {
  return [width_pow2](EncodeFunction* run, Input& in) {
    uint8_t* out = in.room(in.size() << width_pow2);
    const auto first = static_cast<uint32_t>(in.below(4) == 0 ? 0 - in.below(200) : in.random());
    run(out, {first, static_cast<uint32_t>(in.size()), static_cast<uint32_t>(in.random()), in.below(2) == 0});
    return Outcome().bytes(out, in.size() << width_pow2);
  };
}

/// Where the last range ends, if all are good; else anything.
uint64_t end_of(const PackedExtents& packed) {
  std::vector<Descriptor> room(packed.count);
  DescriptorTable table{.data = room.data(), .count = 0, .capacity = packed.count};
  simd_detail::extents_scalar(packed, ~uint64_t{0}, table, 0);
  return table.count == 0 ? 0 : room[table.count - 1].offset + room[table.count - 1].length;
}

Outcome extents(ExtentsFunction* run, Input& in) {
  PackedExtents packed{.count = static_cast<uint32_t>(in.size() == 0 ? 1 : in.size()),
                       .offset_bits = static_cast<uint32_t>(in.below(65)),
                       .length_bits = static_cast<uint32_t>(in.below(33))};
  if (in.below(2) == 0) packed.offset_bits /= 4;  // so that sums stay inside
  if (in.below(2) == 0) packed.length_bits /= 4;
  packed.base = in.below(1 << 20);
  packed.step = in.below(3) == 0 ? in.below(100) : 0 - in.below(2);
  packed.shortest = static_cast<uint32_t>(in.below(8) == 0 ? ~in.below(3) : in.below(100));
  const uint64_t deltas = packed_bytes(packed.count - 1, packed.offset_bits);
  const uint64_t lengths = packed_bytes(packed.count, packed.length_bits);
  packed.deltas = {in.data(deltas), deltas};
  packed.lengths = {in.data(lengths), lengths};
  uint32_t first = 0;
  DescriptorTable table = table_for(packed.count, in, first);
  const uint64_t size = in.below(2) == 0 ? end_of(packed) - in.below(2) : ~uint64_t{0} >> in.below(48);
  const ExtentsFault fault = run(packed, size, table, first);
  return outcome_of(fault == ExtentsFault::kNone, static_cast<uint64_t>(fault), table, first);
}

Outcome unpack(UnpackFunction* run, Input& in) {
  Outcome outcome;
  const uint64_t count = std::min<size_t>(in.size(), 300);
  for (uint32_t bits = 0; bits <= 64; ++bits) {
    const uint64_t bytes = packed_bytes(count, bits);
    auto* out = in.array<uint64_t>(count, 0xA5A5);
    run({in.data(bytes), bytes}, bits, {out, count});
    outcome.bytes(out, count * sizeof(uint64_t));
  }
  return outcome;
}

Outcome pack(PackFunction* run, Input& in) {
  Outcome outcome;
  const uint64_t count = std::min<size_t>(in.size(), 300);
  const auto* content = reinterpret_cast<const uint64_t*>(in.data(count * sizeof(uint64_t)));
  for (uint32_t bits = 0; bits <= 64; ++bits) {
    auto* values = in.array<uint64_t>(count, 0);
    std::memcpy(values, content, count * sizeof(uint64_t));
    for (uint64_t i = 0; i < count; ++i) values[i] = bits == 0 ? 0 : values[i] >> (64 - bits);
    const uint64_t bytes = packed_bytes(count, bits);
    uint8_t* out = in.room(bytes);
    outcome.number(run({values, count}, bits, out)).bytes(out, bytes);
  }
  return outcome;
}

/// `size` ranges of the blob and of the slab, the last of which ends at the wall.
Outcome gather(GatherFunction* run, Input& in) {
  constexpr uint64_t kBytes = 8192;
  const uint8_t* blob = in.data(kBytes);
  const uint8_t* slab = in.data(kBytes);
  std::vector<Descriptor> table(std::min<size_t>(in.size(), 300));
  uint64_t bytes = 0;
  std::vector<uint8_t> wanted;
  const uint64_t usual = in.below(2) == 0 ? 64 : 130;  // a line or less, which has a way of its own
  const uint64_t odd = in.below(3) == 0 ? 4 : table.size() + 1;
  for (auto& range : table) {
    const uint64_t length = 1 + in.below(in.below(odd) == 1 ? 2000 : usual);
    const uint64_t offset = in.below(4) == 0 ? kBytes - length : in.below(kBytes - length);
    range = {offset, length, in.below(4) == 0};
    bytes += length;
    const uint8_t* from = (range.space == 0 ? blob : slab) + offset;
    wanted.insert(wanted.end(), from, from + length);
  }
  uint8_t* out = in.room(bytes);
  const uint64_t copied = run(table, blob, slab, out);
  EXPECT_TRUE(std::equal(wanted.begin(), wanted.end(), out));
  return Outcome().number(copied).bytes(out, bytes);
}

/// `size` ranges, most of them of one to eight lines, the last of which may end at the wall.
Outcome crc32c_lines(Crc32cLinesFunction* run, Input& in) {
  constexpr uint64_t kBytes = 8192;
  const uint8_t* blob = in.data(kBytes);
  const uint8_t* slab = in.data(kBytes);
  const uint64_t lines = 1 + in.below(10);  // 1: the usual table; 9 and 10: longer than it takes
  const uint64_t odd = in.below(2) == 0 ? 100 : ~uint64_t{0};
  const bool mixed = in.below(2) == 0;
  auto* table = in.array(std::min<size_t>(in.size(), 300), Descriptor{});
  const std::span<Descriptor> ranges{table, std::min<size_t>(in.size(), 300)};
  for (auto& range : ranges) {
    const uint64_t length = in.below(odd) == 0 ? 1 + in.below(600) : kCrcLine * (1 + in.below(lines));
    const uint64_t offset = in.below(4) == 0 ? kBytes - length : in.below(kBytes - length);
    range = {offset, length, mixed && in.below(4) == 0};
  }
  auto state = static_cast<uint32_t>(in.random());
  const size_t taken = run(state, ranges, blob, slab);
  return Outcome().number(taken).number(state);
}

}  // namespace

std::vector<Tested> table_loops() {
  std::vector<Tested> all{
      loop("crc32c_lines", pfs::crc32c_lines, variants::crc32c_lines),
      loop("pack", pfs::pack, variants::pack),
      loop("unpack", pfs::unpack, variants::unpack),
      loop("extents", pfs::decode_extents, variants::extents),
      loop("gather", pfs::gather_ranges, variants::gather),
  };
  for (uint32_t width_pow2 = 0; width_pow2 < 3; ++width_pow2) {
    all.push_back(
        loop("decode" + std::to_string(1U << width_pow2), *kDecodeLoops[width_pow2], variants::decode(width_pow2)));
    all.push_back(
        loop("encode" + std::to_string(1U << width_pow2), *kEncodeLoops[width_pow2], variants::encode(width_pow2)));
  }
  return all;
}

}  // namespace pfs::variants
