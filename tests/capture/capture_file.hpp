#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pfs::test {

constexpr uint32_t kEthernet = 1;  // link types (LINKTYPE_ of pcap and pcapng)
constexpr uint32_t kLinuxCooked = 113;
constexpr uint32_t kWirelessRadio = 127;
constexpr uint32_t kSnap = 65535;  // bytes of a frame that a capture keeps

/// Integers in the byte order of a capture's machine.
class ByteWriter {
 public:
  explicit ByteWriter(bool big_endian) : big_endian_(big_endian) {}

  void u32(uint32_t value) { integer(value, 4); }
  void u16(uint16_t value) { integer(value, 2); }
  void text(const std::string& bytes) { bytes_ += bytes; }
  void pad(size_t to) { bytes_.resize((bytes_.size() + to - 1) / to * to); }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  void integer(uint32_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i) bytes_ += static_cast<char>(value >> 8 * (big_endian_ ? bytes - 1 - i : i));
  }

  bool big_endian_;
  std::string bytes_;
};

/// A pcap file, record by record.
class PcapWriter {
 public:
  explicit PcapWriter(bool big_endian = false, bool nanoseconds = false, uint32_t link = kEthernet,
                      uint32_t snap = kSnap)
      : out_(big_endian) {
    out_.u32(nanoseconds ? 0xA1B23C4D : 0xA1B2C3D4);
    out_.u16(2), out_.u16(4), out_.u32(0), out_.u32(0), out_.u32(snap), out_.u32(link);
  }
  void frame(const std::string& bytes) { record(static_cast<uint32_t>(bytes.size()), bytes); }
  /// A record that says that it holds `captured` bytes of `wire`, followed by `bytes`.
  void record(uint32_t captured, const std::string& bytes, uint32_t wire = 0) {
    out_.u32(1), out_.u32(2), out_.u32(captured), out_.u32(wire == 0 ? captured : wire);
    out_.text(bytes);
  }
  [[nodiscard]] const std::string& bytes() const { return out_.bytes(); }

 private:
  ByteWriter out_;
};

/// A pcapng file, block by block: a section is open from the beginning.
class PcapngWriter {
 public:
  explicit PcapngWriter(bool big_endian = false) : big_endian_(big_endian) {
    ByteWriter body(big_endian);
    body.u32(0x1A2B3C4D), body.u16(1), body.u16(0), body.u32(UINT32_MAX), body.u32(UINT32_MAX);
    block(0x0A0D0D0A, body);
  }
  void interface(uint32_t link = kEthernet, uint32_t snap = kSnap) {
    ByteWriter body(big_endian_);
    body.u16(static_cast<uint16_t>(link)), body.u16(0), body.u32(snap);
    block(1, body);
  }
  void frame(const std::string& bytes, uint32_t interface = 0) {
    packet(static_cast<uint32_t>(bytes.size()), bytes, interface);
  }
  /// An Enhanced Packet Block that says that it holds `captured` bytes.
  void packet(uint32_t captured, const std::string& bytes, uint32_t interface = 0) {
    ByteWriter body(big_endian_);
    body.u32(interface), body.u32(0), body.u32(1), body.u32(captured), body.u32(captured);
    body.text(bytes);
    body.pad(4);
    block(6, body);
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  void block(uint32_t type, const ByteWriter& body) {
    ByteWriter out(big_endian_);
    const auto length = static_cast<uint32_t>(12 + body.bytes().size());
    out.u32(type), out.u32(length), out.text(body.bytes()), out.u32(length);
    bytes_ += out.bytes();
  }

  bool big_endian_;
  std::string bytes_;
};

}  // namespace pfs::test
