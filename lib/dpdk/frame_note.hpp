#pragma once

#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>

#include <cstdint>

#include "base/result.hpp"

namespace pfs {

/// What stages tell one another of a built frame, beside its bytes: a field of our own in each mbuf.
struct FrameNote {
  uint64_t denoted = 0;        ///< bytes that the frame's references, extents and literals stand for
  uint32_t epoch = 0;          ///< of the session that the frame was built for (Stage::epoch); 0: any
  rte_mbuf* behind = nullptr;  ///< the next frame in a queue that is threaded through its frames
};

/// Asks DPDK for the field. Once, after EAL has started and before the first mbuf is made.
Result<void> reserve_frame_notes();

/// Where the field lies in an mbuf, in bytes.
extern int frame_note_offset;

inline FrameNote& note_of(rte_mbuf& frame) noexcept {
  return *RTE_MBUF_DYNFIELD(&frame, frame_note_offset, FrameNote*);
}

}  // namespace pfs
