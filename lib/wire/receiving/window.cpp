#include "wire/receiving/window.hpp"

namespace pfs {

Window::Verdict Window::close(uint16_t id, bool has_crc, uint16_t crc) noexcept {
  Verdict verdict = Verdict::kVerified;
  if (!whole_ || id != id_) {
    verdict = Verdict::kBroken;  // another id than expected: a mark is missing, and the references before it
  } else if (!has_crc) {
    verdict = Verdict::kUnchecked;
  } else if (crc != crc_) {
    verdict = Verdict::kMismatch;
  }
  id_ = static_cast<uint16_t>(id + 1);
  crc_ = kCrc16Start;
  whole_ = true;
  return verdict;
}

}  // namespace pfs
