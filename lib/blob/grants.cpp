#include "blob/grants.hpp"

#include "blob/layout.hpp"

namespace pfs {
namespace {

bool covers(const Grant& grant, uint16_t stream, const Descriptor& descriptor) noexcept {
  return grant.stream == stream && descriptor.offset >= grant.offset &&
         inside(descriptor.offset - grant.offset, descriptor.length, grant.length);
}

}  // namespace

bool writable(std::span<const Grant> grants, uint16_t stream, std::span<const Descriptor> table) noexcept {
  const Grant* last = nullptr;  // neighbours tend to share a grant, so that one comparison does for most
  for (const Descriptor& descriptor : table) {
    if (!descriptor.in_blob()) return false;
    if (last != nullptr && covers(*last, stream, descriptor)) continue;
    last = nullptr;
    for (const Grant& grant : grants) {
      if (covers(grant, stream, descriptor)) last = &grant;
    }
    if (last == nullptr) return false;
  }
  return true;
}

}  // namespace pfs
