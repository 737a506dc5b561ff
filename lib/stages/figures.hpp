#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "base/counter.hpp"

namespace pfs {

/// One number that a stage tells of itself: what it is called, what it counts, and where its value comes from. Tables
/// and reports read this declaration and know no figure by its name.
struct Figure {
  enum class Unit : uint8_t {
    kFrames,
    kGrams,
    kBytes,
    kReferences,
    kDescriptors,
    kWindows,
    kFiles,
    kPeers,
    kSessions,
    kLines,
    kFramesPerSecond,
    kBytesPerSecond,
    kNanoseconds
  };
  enum class Kind : uint8_t {
    kCounter,  ///< it only grows, so that the difference of two readings says what came between them
    kGauge     ///< it is as it is now
  };
  /// What the run as a whole makes of the figure.
  enum class Role : uint8_t {
    kNone,
    kWireBytes  ///< Ethernet bytes that came in; the stages' sum is the result's `wire_bytes`
  };

  /// A counter of the stage, which outlives the figure.
  Figure(const char* name, Unit unit, const Counter& source, Role role = Role::kNone)
      : name(name), unit(unit), role(role), read([&source] { return source.get(); }) {}
  /// `source` is called by any thread, again and again.
  Figure(const char* name, Unit unit, Kind kind, std::function<uint64_t()> source)
      : name(name), unit(unit), kind(kind), read(std::move(source)) {}

  const char* name;
  Unit unit;
  Kind kind = Kind::kCounter;
  Role role = Role::kNone;
  std::function<uint64_t()> read;
};

using StageFigures = std::vector<Figure>;

/// In words, for people and for reports: "frames", "frames/s".
const char* name(Figure::Unit unit) noexcept;

}  // namespace pfs
