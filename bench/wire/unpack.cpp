// Packed arrays to u64, beside Stream VByte (bytes instead of bits, to u32), which is what one would take.
#include <cstring>
#include <random>
#include <vector>

#include "../simd/loops.hpp"
#include "../simd/measure.hpp"
#include "wire/codec/pack/pack.hpp"
#include "wire/codec/unpack/unpack.hpp"

#ifdef PFS_HAVE_STREAMVBYTE
#include <streamvbyte.h>
#endif

namespace pfs::bench {
namespace {

constexpr uint32_t kValues = 1024;

std::vector<uint64_t> values_of(uint32_t bits) {
  std::mt19937_64 random(bits);
  std::vector<uint64_t> values(kValues);
  for (auto& value : values) value = random() >> (64 - bits);
  return values;
}

#ifdef PFS_HAVE_STREAMVBYTE
void streamvbyte(const std::string& width, uint32_t bits) {
  items("unpack/streamvbyte/" + width, kValues, "u32", [bits] {
    const std::vector<uint64_t> values = values_of(bits);
    const std::vector<uint32_t> narrow(values.begin(), values.end());
    std::vector<uint8_t> packed(streamvbyte_max_compressedbytes(kValues) + 16);
    streamvbyte_encode(narrow.data(), kValues, packed.data());
    return [packed, out = std::vector<uint32_t>(kValues)]() mutable {
      return streamvbyte_decode(packed.data(), out.data(), kValues);
    };
  });
}
#endif

}  // namespace

void register_unpack() {
  for (const uint32_t bits : {1, 4, 7, 8, 12, 16, 20, 24, 31, 32, 40, 57, 63}) {
    const std::string width = std::to_string(bits) + "bit";
    each_variant(unpack.variants(), [&](const char* who, const char* label, UnpackFunction* run) {
      items(std::string("unpack/") + who + "/" + width, kValues, label, [=] {
        std::vector<uint8_t> packed(packed_bytes(kValues, bits));
        pack(values_of(bits), bits, packed.data());
        return [=, out = std::vector<uint64_t>(kValues)]() mutable {
          run(packed, bits, out);
          return out.data();
        };
      });
    });
#ifdef PFS_HAVE_STREAMVBYTE
    if (bits <= 32) streamvbyte(width, bits);
#endif
    items("unpack/ceiling-memcpy/" + width, kValues, "u64", [] {
      return [from = std::vector<uint64_t>(kValues), to = std::vector<uint64_t>(kValues)]() mutable {
        return std::memcpy(to.data(), from.data(), kValues * sizeof(uint64_t));
      };
    });
  }
}

}  // namespace pfs::bench
