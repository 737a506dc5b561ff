// u64 to packed arrays, beside Stream VByte.
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

template <class Value>
std::vector<Value> values_of(uint32_t bits) {
  std::mt19937_64 random(bits);
  std::vector<Value> values(kValues);
  for (auto& value : values) value = static_cast<Value>(random() >> (64 - bits));
  return values;
}

}  // namespace

void register_pack() {
  for (const uint32_t bits : {1, 7, 12, 20, 31, 57}) {
    const std::string width = std::to_string(bits) + "bit";
    each_variant(pack.variants(), [&](const char* who, const char* label, PackFunction* run) {
      items(std::string("pack/") + who + "/" + width, kValues, label, [=] {
        return
            [=, values = values_of<uint64_t>(bits), out = std::vector<uint8_t>(packed_bytes(kValues, bits))]() mutable {
              return run(values, bits, out.data());
            };
      });
    });
#ifdef PFS_HAVE_STREAMVBYTE
    if (bits > 32) continue;
    items("pack/streamvbyte/" + width, kValues, "u32", [bits] {
      return [values = values_of<uint32_t>(bits),
              out = std::vector<uint8_t>(streamvbyte_max_compressedbytes(kValues) + 16)]() mutable {
        return streamvbyte_encode(values.data(), kValues, out.data());
      };
    });
#endif
  }
}

}  // namespace pfs::bench
