#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "base/descriptor.hpp"
#include "gram/verification.hpp"
#include "wire/ethernet.hpp"
#include "wire/extension.hpp"
#include "wire/unit.hpp"

namespace pfs {

/// Where an answer to a frame goes: the port it came in by and the headers to put in front (addresses swapped).
struct ReplyPath {
  uint16_t port = 0;
  EncapsulationBuffer encapsulation;  ///< Ethernet, perhaps VLAN, perhaps IP and UDP, already turned round
};

/// A gram that has been put together: the unit of work between `assemble` and what consumes it.
/// Owned by the pool it came from; whoever consumes it calls release() once. Until it is given, and in all but the
/// members at the end also afterwards, only the assembler writes it.
/// What every frame changes comes first and shares one cache line.
struct alignas(64) Gram {
  std::atomic<bool> busy{false};  ///< taken from the pool and not yet released
  bool open = false;              ///< frames are still being put into it
  bool bare = false;              ///< made from one bare frame: no GRAM, no GRAM_END, no RESULT
  bool has_file = false;
  uint16_t stream = 0;
  uint16_t peer = 0;  ///< the sender's place in the assembler's table, below `max_peers`
  uint32_t number = 0;
  uint32_t frames = 0;  ///< frames taken into it
  uint32_t slab_bytes = 0;
  uint32_t wire_bytes = 0;  ///< of its frames: Ethernet, without FCS (at most 65,536 frames of less than 64 KiB)
  uint64_t bytes = 0;       ///< bytes its table denotes
  DescriptorTable table;
  uint64_t touched = 0;     ///< the assembler's ticks when its last frame came
  uint64_t order = 0;       ///< of opening, over all streams of the assembler
  uint8_t* slab = nullptr;  ///< literals, in order
  uint32_t slab_capacity = 0;
  GramUnit head;
  GramEndUnit end;
  FileUnit file;  ///< its name points into file_name
  std::array<char, kFileNameMax> file_name{};
  ReplyPath reply;

  // Whoever consumes the gram keeps these two with it. No frame touches them.
  Verification verification;
  Gram* next = nullptr;  ///< the gram behind this one in a queue

  void release() noexcept { busy.store(false, std::memory_order_release); }
};

}  // namespace pfs
