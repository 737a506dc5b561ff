#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "denoter.hpp"
#include "text_units.hpp"

namespace pfs {

/// Prints frames for a person who debugs: header, every unit, what they denote, and where the first fault is. Follows
/// each stream's windows from frame to frame.
class TextPrinter {
 public:
  explicit TextPrinter(const Session& session) : denoter_(session) {}

  /// `note` goes behind the name.
  void print(const std::string& name, const std::string& note, std::span<const uint8_t> payload);

  /// Forgets the streams' windows: the next frame does not follow the last one.
  void forget() { windows_.clear(); }

 private:
  TextWindow& window_of(const Frame& frame);

  Denoter denoter_;
  std::map<uint32_t, TextWindow> windows_;  ///< by stream
};

}  // namespace pfs
