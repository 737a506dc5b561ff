#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "denoter.hpp"
#include "text_units.hpp"

namespace pfs {

/// Prints frames for a person who debugs: the header, every unit, the ranges that the units denote, and the place of
/// the first fault. The printer follows each stream's windows from frame to frame.
class TextPrinter {
 public:
  explicit TextPrinter(const Session& session) : denoter_(session) {}

  /// Prints one payload under its name; `note` stands behind the name.
  void print(const std::string& name, const std::string& note, std::span<const uint8_t> payload);

  /// Forgets the streams' windows: the next frame does not follow the last one.
  void forget() { windows_.clear(); }

 private:
  TextWindow& window_of(const Frame& frame);

  Denoter denoter_;
  std::map<uint32_t, TextWindow> windows_;  ///< by stream
};

}  // namespace pfs
