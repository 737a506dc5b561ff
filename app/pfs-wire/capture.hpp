#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/result.hpp"
#include "vectors.hpp"

struct pcap;

namespace pfs {

/// A captured frame, valid until the next one is asked for.
struct CapturedFrame {
  std::span<const uint8_t> bytes;
  bool cut = false;  ///< the capture kept less than was on the wire
};

/// An Ethernet capture (pcap or pcapng), by libpcap.
class Capture {
 public:
  /// Takes the file over. Error if it is not a capture, or not one of Ethernet.
  static Result<Capture> open(File file, const std::string& name);

  /// The next frame; false at the end of the file.
  Result<bool> next(CapturedFrame& frame);

  /// Frames read so far; the last one's number as tcpdump and Wireshark count.
  [[nodiscard]] uint64_t number() const noexcept { return number_; }

 private:
  struct Close {
    void operator()(pcap* handle) const noexcept;
  };
  std::unique_ptr<pcap, Close> handle_;
  std::string name_;
  uint64_t number_ = 0;
};

}  // namespace pfs
