#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/input.hpp"
#include "base/result.hpp"
#include "capture/kind.hpp"

struct pcap;

namespace pfs {

/// A captured frame, valid until the next one is asked for.
struct CapturedFrame {
  std::span<const uint8_t> bytes;
  bool cut = false;  ///< the capture kept less than was on the wire
};

/// An Ethernet capture (pcap or pcapng), read by libpcap from the first frame to the last. Every frame of the file is
/// given or an error says why not. A file that was cut exactly between two frames looks whole and is taken as such.
class Capture {
 public:
  /// Takes the file over. Error if it is no capture, or not one of Ethernet.
  static Result<Capture> open(Input input);

  Capture(Capture&&) noexcept;
  ~Capture();

  /// Reads the next frame; false at the end of the file. Error if a frame cannot be read whole and right: the file was
  /// cut, a record is longer than the file's own bound, or another interface of the file differs from the first one.
  Result<bool> next(CapturedFrame& frame);

  /// The number of frames read so far, which is the last frame's number in tcpdump and Wireshark.
  [[nodiscard]] uint64_t number() const noexcept { return number_; }

 private:
  struct Close {
    void operator()(pcap* handle) const noexcept;
  };
  explicit Capture(Input input);
  /// The error about the frame that comes next.
  [[nodiscard]] tl::unexpected<Error> damaged(std::string what) const;
  /// How far libpcap has read, in bytes from the file's beginning.
  [[nodiscard]] uint64_t place() const noexcept;

  std::unique_ptr<Input> input_;  ///< stays in one place and outlives the handle, which reads through it
  std::unique_ptr<pcap, Close> handle_;
  FileKind kind_ = FileKind::kUnknown;
  uint64_t number_ = 0;
  uint64_t place_ = 0;  ///< in a pcap file: where the next record should begin
};

/// The contents of a whole capture, counted.
struct CaptureCount {
  uint64_t frames = 0;
  uint64_t cut = 0;  ///< frames of which the capture kept only a part (its snap length)
};

/// Reads a capture to its end, in one pass, and keeps nothing. Error if any of its frames cannot be read.
Result<CaptureCount> check_capture(const std::string& path);

}  // namespace pfs
