#include "stages/figures.hpp"

namespace pfs {

const char* name(Figure::Unit unit) noexcept {
  switch (unit) {
    case Figure::Unit::kFrames:
      return "frames";
    case Figure::Unit::kGrams:
      return "grams";
    case Figure::Unit::kBytes:
      return "bytes";
    case Figure::Unit::kReferences:
      return "references";
    case Figure::Unit::kDescriptors:
      return "descriptors";
    case Figure::Unit::kWindows:
      return "windows";
    case Figure::Unit::kFiles:
      return "files";
    case Figure::Unit::kPeers:
      return "peers";
    case Figure::Unit::kSessions:
      return "sessions";
    case Figure::Unit::kLines:
      return "lines";
    case Figure::Unit::kFramesPerSecond:
      return "frames/s";
    case Figure::Unit::kBytesPerSecond:
      return "bytes/s";
    case Figure::Unit::kNanoseconds:
      return "ns";
  }
  return "";
}

}  // namespace pfs
