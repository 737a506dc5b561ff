#include "simd/cpu.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <string_view>

namespace pfs {
namespace {

std::atomic<Isa> limit{Isa::kAvx512};

Isa environment_isa() noexcept {
  const char* text = std::getenv("PFS_ISA");
  if (text == nullptr) return Isa::kAvx512;
  for (const Isa isa : {Isa::kScalar, Isa::kSse, Isa::kAvx2}) {
    if (std::string_view(text) == name(isa)) return isa;
  }
  return Isa::kAvx512;  // an unknown word lowers nothing
}

Isa detect() noexcept {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("pclmul") || !__builtin_cpu_supports("sse4.2")) return Isa::kScalar;
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi") || !__builtin_cpu_supports("bmi2") ||
      !__builtin_cpu_supports("fma")) {
    return Isa::kSse;
  }
  const bool base = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                    __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  const bool later = __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2") &&
                     __builtin_cpu_supports("gfni") && __builtin_cpu_supports("vpclmulqdq");
  return base && later ? Isa::kAvx512 : Isa::kAvx2;
#else
  return Isa::kScalar;
#endif
}

}  // namespace

const char* name(Isa isa) noexcept {
  switch (isa) {
    case Isa::kScalar:
      return "scalar";
    case Isa::kSse:
      return "sse";
    case Isa::kAvx2:
      return "avx2";
    case Isa::kAvx512:
      return "avx512";
  }
  return "?";
}

Isa detected_isa() noexcept {
  static const Isa isa = detect();
  return isa;
}

Isa active_isa() noexcept {
  static const Isa environment = environment_isa();
  return std::min({detected_isa(), environment, limit.load(std::memory_order_relaxed)});
}

void limit_simd_bits(uint32_t bits) noexcept {
  Isa isa = Isa::kAvx512;
  if (bits < 128) {
    isa = Isa::kScalar;
  } else if (bits < 256) {
    isa = Isa::kSse;
  } else if (bits < 512) {
    isa = Isa::kAvx2;
  }
  limit.store(std::min(limit.load(std::memory_order_relaxed), isa), std::memory_order_relaxed);
}

}  // namespace pfs
