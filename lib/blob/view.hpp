#pragma once

#include <cstdint>

#include "blob/layout.hpp"

namespace pfs {

/// The blob as code sees it: its bytes, its layout and the low 32 bits of its root. A view does not own the memory.
struct BlobView {
  uint8_t* data = nullptr;
  Layout layout;
  uint32_t id = 0;  ///< last four bytes of the Merkle root, big-endian (BLOB.md, Identity)
};

}  // namespace pfs
