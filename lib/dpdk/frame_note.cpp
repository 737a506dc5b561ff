#include "dpdk/frame_note.hpp"

#include <rte_errno.h>

namespace pfs {

int frame_note_offset = -1;

Result<void> reserve_frame_notes() {
  const rte_mbuf_dynfield field = {
      .name = "pfs_frame_note", .size = sizeof(FrameNote), .align = alignof(FrameNote), .flags = 0};
  frame_note_offset = rte_mbuf_dynfield_register(&field);
  if (frame_note_offset >= 0) return {};
  return fail("", std::string("DPDK has no room for a field of ours in its mbufs: ") + rte_strerror(rte_errno),
              "run without other libraries that take such fields", Exit::kFailed);
}

}  // namespace pfs
