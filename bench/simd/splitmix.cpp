// The blob's generator, and filling a blob with it.
#include <cstring>

#include "blob/fill.hpp"
#include "loops.hpp"
#include "measure.hpp"
#include "simd/splitmix/splitmix.hpp"

namespace pfs::bench {

void register_splitmix() {
  for (const Size& size : {kL1, kL2, kDram}) {
    each_variant(splitmix_words.variants(), [&](const char* who, const char* label, SplitmixWordsFunction* run) {
      bytes(
          std::string("splitmix/") + who, size, label,
          [run](uint8_t* data, uint64_t bytes) {
            run(data, 42, 0, bytes / 8);
            return data;
          },
          target);
    });
    bytes(
        "splitmix/ceiling-memset", size, "libc",
        [](uint8_t* data, uint64_t bytes) { return std::memset(data, 0x5A, bytes); }, target);
  }
  bytes(
      "blob-fill/ours", kDram, name(active_isa()),
      [](const uint8_t* data, uint64_t bytes) {
        BlobView view{.data = target(), .layout = {.size = kRegionBytes}};
        fill_piece(view, 42, static_cast<uint64_t>(data - target()), bytes);
        return view.data;
      },
      target);
  bytes(
      "blob-fill/ceiling-memset", kDram, "libc",
      [](uint8_t* data, uint64_t bytes) { return std::memset(data, 0x5A, bytes); }, target);
}

}  // namespace pfs::bench
