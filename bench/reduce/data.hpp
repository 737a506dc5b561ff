#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "blob/view.hpp"

/// Two versions of something, the older of which lies in a blob.
namespace pfs::bench {

/// Memory on large pages where the system gives them.
class Pages {
 public:
  explicit Pages(uint64_t bytes);
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  ~Pages();
  [[nodiscard]] std::span<uint8_t> bytes() const { return {data_, bytes_}; }

 private:
  uint8_t* data_ = nullptr;
  uint64_t bytes_ = 0;
};

/// The versions that PFS_OLD and PFS_NEW name, or made ones of 64 MiB: random bytes, text and zeros by a seed, and the
/// same with a stretch put in, left out or overwritten every 20,000 bytes.
struct Versions {
  const BlobView& blob;            ///< the old one at l3
  std::span<const uint8_t> older;  ///< in the blob
  std::span<const uint8_t> newer;
};
const Versions& versions();

}  // namespace pfs::bench
