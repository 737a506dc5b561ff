// Runs of references to descriptors, and consecutive ones back to the wire.
#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

#include "../simd/loops.hpp"
#include "../simd/measure.hpp"
#include "base/endian.hpp"
#include "wire/codec/decode/decode.hpp"
#include "wire/codec/encode/encode.hpp"

namespace pfs::bench {
namespace {

constexpr uint32_t kReferences = 4096;  // a gram's worth: 16 KiB on the wire, 64 KiB of descriptors

/// Big-endian references of 1 << width_pow2 bytes.
std::vector<uint8_t> references(uint32_t width_pow2, bool sequential) {
  std::mt19937 random(3);
  std::vector<uint8_t> wire(size_t{kReferences} << width_pow2);
  for (uint32_t i = 0; i < kReferences; ++i) {
    const auto value = static_cast<uint32_t>(sequential ? i : random());
    uint8_t* at = &wire[size_t{i} << width_pow2];
    if (width_pow2 == 0) *at = static_cast<uint8_t>(value);
    if (width_pow2 == 1) store_be(at, static_cast<uint16_t>(value));
    if (width_pow2 == 2) store_be(at, value & 0xFFFFFF);
  }
  return wire;
}

/// Storing as many descriptors, all the same, is what no decoding without merging can be faster than.
void store_ceiling(const std::string& loop) {
  items(loop + "/ceiling-store/4096", kReferences, "std::fill", [] {
    return [table = std::vector<Descriptor>(kReferences)]() mutable {
      std::fill(table.begin(), table.end(), Descriptor{64, 64, 0});
      return table.data();
    };
  });
}

void register_encode() {
  for (uint32_t width_pow2 = 0; width_pow2 < 3; ++width_pow2) {
    for (const bool permuted : {false, true}) {
      if (permuted && width_pow2 < 2) continue;
      const std::string loop = "encode-l" + std::to_string(width_pow2 + 1) + (permuted ? "-permuted" : "");
      const uint64_t bytes = uint64_t{kReferences} << width_pow2;
      each_variant(kEncodeLoops[width_pow2]->variants(), [&](const char* who, const char* label, EncodeFunction* run) {
        items(loop + "/" + who + "/4096", kReferences, label, [=] {
          return [=, wire = std::vector<uint8_t>(bytes)]() mutable {
            run(wire.data(), {.first = 5, .count = kReferences, .key = 0xC0FFEE, .permuted = permuted});
            return wire.data();
          };
        });
      });
      items(loop + "/ceiling-memset/4096", kReferences, "libc", [=] {
        return [=, wire = std::vector<uint8_t>(bytes)]() mutable { return std::memset(wire.data(), 0x5A, bytes); };
      });
    }
  }
}

}  // namespace

void register_decode() {
  register_encode();
  const RunGeometry geometry{.base = 1 << 20, .item = 64, .limit = uint64_t{1} << 32};
  for (uint32_t width_pow2 = 0; width_pow2 < 3; ++width_pow2) {
    for (const char* order : {"random", "sequential", "permuted"}) {
      const bool permuted = order[0] == 'p';
      if (permuted && width_pow2 < 2) continue;
      const std::string loop = "decode-l" + std::to_string(width_pow2 + 1) + "-" + order;
      each_variant(kDecodeLoops[width_pow2]->variants(), [&](const char* who, const char* label, DecodeFunction* run) {
        items(loop + "/" + who + "/4096", kReferences, label, [=] {
          RunGeometry own = geometry;
          own.permuted = permuted;
          own.key = 0xC0FFEE;
          return [=, wire = references(width_pow2, order[0] == 's'),
                  room = std::vector<Descriptor>(kReferences)]() mutable {
            DescriptorTable table{.data = room.data(), .count = 0, .capacity = kReferences};
            const RunFault fault = run(wire.data(), kReferences, own, table, 0);
            return fault == RunFault::kNone ? table.count : 0;
          };
        });
      });
      store_ceiling(loop);
    }
  }
}

}  // namespace pfs::bench
