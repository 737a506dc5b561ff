#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "denoter.hpp"
#include "wire/window.hpp"

namespace pfs {

/// Prints frames for a person who debugs: every unit with its offset in the payload, its fields, its references and
/// the ranges they denote, and where the first fault is. Follows each stream's windows from frame to frame.
class TextPrinter {
 public:
  explicit TextPrinter(const Session& session) : denoter_(session) {}

  /// `note` goes behind the name.
  void print(const std::string& name, const std::string& note, std::span<const uint8_t> payload);

  /// Forgets the streams' windows: the next frame does not follow the last one.
  void forget() { streams_.clear(); }

 private:
  friend struct TextVisitor;

  struct Stream {
    Window window;
    uint32_t next_seq = 0;
    bool known = false;  ///< a frame of the stream has been seen
    bool lost = false;   ///< frames of the open window are missing
  };

  Stream& stream_of(const Frame& frame);

  Denoter denoter_;
  std::map<uint32_t, Stream> streams_;
};

}  // namespace pfs
