#pragma once

#include <cstdint>

namespace pfs {

/// The levels that variants are written for. Each level includes those before it; another architecture has kScalar
/// only.
enum class Isa : uint8_t {
  kScalar,  ///< x86-64-v2 or any other machine
  kSse,     ///< x86-64-v2 with PCLMULQDQ: 128-bit variants
  kAvx2,    ///< x86-64-v3
  kAvx512,  ///< F, BW, DQ, VL, VBMI, VBMI2, GFNI, VPCLMULQDQ
};

const char* name(Isa isa) noexcept;

/// The highest level that this CPU and its operating system can run.
Isa detected_isa() noexcept;

/// The level in force: the detected one, lowered by the environment variable PFS_ISA (scalar|sse|avx2|avx512) and by
/// limit_simd_bits(). A loop reads the level once, when it chooses its variant.
Isa active_isa() noexcept;

/// Lowers the level to registers of at most `bits` (EAL's --force-max-simd-bitwidth): 64, 128, 256, 512 or more.
/// Call before any variant is used.
void limit_simd_bits(uint32_t bits) noexcept;

}  // namespace pfs
