// Loops that change bytes where they lie. Their ceiling is a copy: as many bytes read, as many written.
#include "../simd/loops.hpp"
#include "../simd/measure.hpp"
#include "kernels/add_imm8/loop.hpp"
#include "kernels/xor_imm8/loop.hpp"

namespace pfs::bench {

void register_in_place() {
  for (const Size& size : {kL1, kL2, kDram}) {
    each_variant(xor_imm8.variants(), [&](const char* who, const char* label, Imm8Function* run) {
      bytes(
          std::string("xor_imm8/") + who, size, label,
          [run](uint8_t* data, uint64_t bytes) {
            run(data, bytes, 0x5A);
            return data;
          },
          target);
    });
    copy_ceiling("xor_imm8", size);
    each_variant(add_imm8.variants(), [&](const char* who, const char* label, Imm8Function* run) {
      bytes(
          std::string("add_imm8/") + who, size, label,
          [run](uint8_t* data, uint64_t bytes) {
            run(data, bytes, 3);
            return data;
          },
          target);
    });
    copy_ceiling("add_imm8", size);
  }
}

}  // namespace pfs::bench
