#include "reduce/byte_groups.hpp"

#include <algorithm>

namespace pfs::reduce {
namespace {

template <uint32_t kWidth>
void group(const uint8_t* in, size_t numbers, uint8_t* out) noexcept {
  for (size_t i = 0; i < numbers; ++i) {
    for (uint32_t byte = 0; byte < kWidth; ++byte) out[byte * numbers + i] = in[kWidth * i + byte];
  }
}

template <uint32_t kWidth>
void ungroup(const uint8_t* in, size_t numbers, uint8_t* out) noexcept {
  for (size_t i = 0; i < numbers; ++i) {
    for (uint32_t byte = 0; byte < kWidth; ++byte) out[kWidth * i + byte] = in[byte * numbers + i];
  }
}

}  // namespace

void group_bytes(std::span<const uint8_t> in, uint32_t width, uint8_t* out) noexcept {
  const size_t numbers = in.size() / width;
  width == 2 ? group<2>(in.data(), numbers, out) : group<4>(in.data(), numbers, out);
  std::copy(in.begin() + static_cast<ptrdiff_t>(numbers * width), in.end(), out + numbers * width);
}

void ungroup_bytes(std::span<const uint8_t> in, uint32_t width, uint8_t* out) noexcept {
  const size_t numbers = in.size() / width;
  width == 2 ? ungroup<2>(in.data(), numbers, out) : ungroup<4>(in.data(), numbers, out);
  std::copy(in.begin() + static_cast<ptrdiff_t>(numbers * width), in.end(), out + numbers * width);
}

}  // namespace pfs::reduce
