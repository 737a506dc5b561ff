#include "base/temporary_name.hpp"

#include <fmt/format.h>
#include <sys/random.h>

#include <cstdint>

namespace pfs {
namespace {

constexpr size_t kNameKept = 199;  // bytes of the name that its temporary one repeats

}  // namespace

std::string temporary_name(const std::string& name) {
  uint64_t random = 0;
  // 8 bytes are never given in part, and the call fails only when a signal comes before the kernel has any entropy.
  while (getrandom(&random, sizeof random, 0) != sizeof random) {
  }
  return fmt::format(".{}.part-{:016x}", name.substr(0, kNameKept), random);
}

}  // namespace pfs
