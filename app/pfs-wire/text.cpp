#include "text.hpp"

#include <fmt/format.h>

#include <cctype>
#include <cstdio>

#include "base/endian.hpp"
#include "simd/prp32/prp32.hpp"
#include "simd/unpack/unpack.hpp"
#include "wire/extension.hpp"
#include "wire/walk.hpp"

namespace pfs {
namespace {

constexpr uint32_t kBareStream = 1u << 16;  // key of the bare frames' windows, past every stream's number

template <class... Arguments>
void line(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  fmt::memory_buffer text;
  fmt::format_to(std::back_inserter(text), format, std::forward<Arguments>(arguments)...);
  text.push_back('\n');
  (void)std::fwrite(text.data(), 1, text.size(), stdout);
}

std::string flag_names(uint8_t flags) {
  std::string text;
  for (const auto& [flag, word] : {std::pair{kFlagFirst, "FIRST"}, std::pair{kFlagLast, "LAST"},
                                   std::pair{kFlagCrc, "CRC"}, std::pair{kFlagPrp, "PRP"}}) {
    if ((flags & flag) == 0) continue;
    if (!text.empty()) text += '|';
    text += word;
  }
  return text.empty() ? "none" : text;
}

/// The first bytes as hexadecimal and as characters.
std::string dump(std::span<const uint8_t> bytes) {
  constexpr size_t kShown = 24;
  std::string hex;
  std::string characters;
  for (const uint8_t byte : bytes.first(std::min(bytes.size(), kShown))) {
    hex += fmt::format("{:02x}", byte);
    characters += byte >= 32 && byte < 127 ? static_cast<char>(byte) : '.';
  }
  return fmt::format("{}{} |{}|", hex, bytes.size() > kShown ? "..." : "", characters);
}

const char* space_name(const Descriptor& range) { return range.in_blob() ? "blob" : "slab"; }

}  // namespace

/// Prints each unit as it is walked. A frame's descriptors are collected on the way, by the same code as ever.
struct TextVisitor {
  TextPrinter& printer;
  TextPrinter::Stream& stream;
  const uint8_t* payload;
  bool prp;
  size_t denoted = 0;  ///< descriptors already known before the unit at hand

  [[nodiscard]] size_t offset_of(const uint8_t* at) const { return static_cast<size_t>(at - payload); }

  Drop run(Tier tier, const uint8_t* references, uint32_t count) noexcept {
    const uint32_t width = reference_bytes(tier);
    line("  @{:<5} RUN L{}  {} references of {} bytes", offset_of(references), static_cast<int>(tier) + 1, count,
         width);
    print_references(tier, references, count);
    stream.window.references(references, size_t{count} * width);
    return finish(printer.denoter_.run(tier, references, count));
  }

  /// One line for each stretch of references that count up by one.
  void print_references(Tier tier, const uint8_t* references, uint32_t count) const {
    const bool permuted = prp && tier == Tier::kL3;
    uint32_t first = 0;
    for (uint32_t i = 0; i < count; ++i) {
      const uint32_t index = index_at(tier, references, i, permuted);
      if (i + 1 < count && index != UINT32_MAX && index_at(tier, references, i + 1, permuted) == index + 1) continue;
      const uint32_t start = index_at(tier, references, first, permuted);
      const std::string wire = permuted ? fmt::format(" (0x{:08x} on the wire)", wire_at(tier, references, first)) : "";
      if (first == i) {
        line("           [{}] {} = 0x{:x}{}", first, start, start, wire);
      } else {
        line("           [{}..{}] {}..{} = 0x{:x}..0x{:x}{}", first, i, start, index, start, index, wire);
      }
      first = i + 1;
    }
  }

  [[nodiscard]] static uint32_t wire_at(Tier tier, const uint8_t* references, uint32_t i) {
    if (tier == Tier::kL1) return references[i];
    if (tier == Tier::kL2) return load_be<uint16_t>(references + size_t{i} * 2);
    return load_be<uint32_t>(references + size_t{i} * 4);
  }

  [[nodiscard]] uint32_t index_at(Tier tier, const uint8_t* references, uint32_t i, bool permuted) const {
    const uint32_t wire = wire_at(tier, references, i);
    return permuted ? prp32(wire, printer.denoter_.session().key) : wire;
  }

  Drop extents(const ExtentsUnit& unit) noexcept {
    line("  @{:<5} EXTENTS {}, base {}, step {}, shortest {}, deltas of {} bits, lengths of {} bits",
         offset_of(unit.raw.data()), unit.count, unit.base, static_cast<int64_t>(unit.step), unit.shortest,
         unit.offset_bits, unit.length_bits);
    std::vector<uint64_t> deltas(unit.count - 1);
    std::vector<uint64_t> lengths(unit.count);
    unpack(unit.deltas, unit.offset_bits, deltas);
    unpack(unit.lengths, unit.length_bits, lengths);
    uint64_t offset = unit.base;
    for (uint32_t i = 0; i < unit.count; ++i) {
      if (i > 0) offset += unit.shortest + lengths[i - 1] + unit.step + deltas[i - 1];
      line("           [{}] {} bytes at {}", i, unit.shortest + lengths[i], offset);
    }
    stream.window.references(unit.raw.data(), unit.raw.size());
    return finish(printer.denoter_.extents(unit));
  }

  Drop literal(std::span<const uint8_t> bytes) noexcept {
    line("  @{:<5} LITERAL {} bytes: {}", offset_of(bytes.data()), bytes.size(), dump(bytes));
    return finish(printer.denoter_.literal(bytes));
  }

  /// The ranges that the unit added, or lengthened.
  Drop finish(Drop drop) {
    if (drop != Drop::kNone) return drop;
    const auto ranges = printer.denoter_.descriptors();
    for (size_t i = denoted == 0 ? 0 : denoted - 1; i < ranges.size(); ++i) {
      const Descriptor& range = ranges[i];
      line("         {} descriptor {}: {} {}+{}", i < denoted ? '~' : '>', i, space_name(range), range.offset,
           uint64_t{range.length});
    }
    denoted = ranges.size();
    return drop;
  }

  Drop gram(const GramUnit& unit) noexcept {
    line("         GRAM op {}, flags 0x{:x}, blob 0x{:08x}, arg {}, denotes {} bytes", unit.op, unit.flags, unit.blob,
         unit.arg, unit.total == 0 ? "unknown" : std::to_string(unit.total));
    return Drop::kNone;
  }

  Drop gram_end(const GramEndUnit& unit) noexcept {
    line("         GRAM_END {} frames, {} descriptors, {} bytes, digest kind {}: 0x{:016x}", unit.frames,
         unit.descriptors, unit.bytes, unit.digest_kind, unit.digest);
    return Drop::kNone;
  }

  Drop result(const ResultUnit& unit) noexcept {
    line("         RESULT op {}, status {}, gram {}, value {} = 0x{:x}, {} bytes: {}", unit.op, unit.status, unit.gram,
         unit.value, unit.value, unit.bytes.size(), dump(unit.bytes));
    return Drop::kNone;
  }

  Drop extension(uint8_t tag, std::span<const uint8_t> bytes) noexcept {
    FileUnit file;
    ReceiptUnit receipt;
    SessionUnit session;
    if (tag == kFileTag && read_file(bytes, file)) {
      line("  @{:<5} FILE '{}', {} bytes, SHA-256 {}", offset_of(bytes.data()), file.name, file.size,
           to_hex(file.sha256));
    } else if (tag == kReceiptTag && read_receipt(bytes, receipt)) {
      line("  @{:<5} RECEIPT {}, {} bytes, SHA-256 {}", offset_of(bytes.data()),
           receipt.status == 0 ? "verified" : "failed", receipt.size, to_hex(receipt.sha256));
    } else if (tag == kSessionTag && read_session(bytes, session)) {
      line("  @{:<5} SESSION {}", offset_of(bytes.data()), session.id);
    } else {
      line("  @{:<5} extension {:02X}, {} bytes: {}", offset_of(bytes.data()), tag, bytes.size(), dump(bytes));
    }
    return Drop::kNone;
  }

  Drop sync_mark(uint16_t window, bool has_crc, uint16_t crc) noexcept {
    const uint16_t computed = stream.window.crc();
    if (!has_crc) {
      line("         SYNC_MARK window {}, no CRC", window);
    } else if (crc == computed) {
      line("         SYNC_MARK window {}, CRC 0x{:04x} holds", window, crc);
    } else if (stream.lost) {
      line("         SYNC_MARK window {}, CRC 0x{:04x} cannot be checked: not all of its frames are here", window, crc);
    } else {
      line("         SYNC_MARK window {}, CRC 0x{:04x} DIFFERS from 0x{:04x} over the references here", window, crc,
           computed);
    }
    (void)stream.window.close(window, has_crc, crc);
    stream.lost = false;
    return Drop::kNone;
  }

  Drop sync_ack(uint16_t window) noexcept {
    line("         SYNC_ACK window {}", window);
    return Drop::kNone;
  }

  Drop ack(const AckUnit& unit) noexcept {
    line("         ACK next {}, credit {}", unit.next, unit.credit);
    return Drop::kNone;
  }

  Drop nack(const uint8_t* items, uint32_t count) noexcept {
    line("  @{:<5} NACK {} ranges", offset_of(items), count);
    for (uint32_t i = 0; i < count; ++i, items += 6) {
      const uint32_t missing = load_be<uint16_t>(items + 4) + 1u;
      line("           [{}] {} frames from {}", i, missing, load_be<uint32_t>(items));
    }
    return Drop::kNone;
  }
};

TextPrinter::Stream& TextPrinter::stream_of(const Frame& frame) {
  Stream& stream = streams_[frame.bare ? kBareStream : frame.header.stream];
  if (!frame.bare) {
    const bool follows = stream.known ? frame.header.seq == stream.next_seq : frame.header.seq == 0;
    if (!follows) stream.lost = true;
    stream.next_seq = frame.header.seq + 1;
  }
  stream.known = true;
  return stream;
}

void TextPrinter::print(const std::string& name, const std::string& note, std::span<const uint8_t> payload) {
  line("{}: {}", name, note);
  Frame frame;
  Drop drop = read_frame(payload.data(), static_cast<uint32_t>(payload.size()), frame);
  if (drop != Drop::kNone) return line("  FAULT {} in the frame header: {}\n", pfs::name(drop), dump(payload));
  bool crc = denoter_.session().bare_crc;
  if (frame.bare) {
    line("  bare, no header");
  } else {
    const FrameHeader& header = frame.header;
    crc = (header.flags & kFlagCrc) != 0;
    line("  @0     frame: stream {}, seq {}, gram {}, frag {}, {} bytes of units, flags {}", header.stream, header.seq,
         header.gram, header.frag, header.length, flag_names(header.flags));
  }
  Stream& stream = stream_of(frame);
  const Stream before = stream;
  denoter_.begin(frame);
  const bool prp = !frame.bare && (frame.header.flags & kFlagPrp) != 0;
  TextVisitor visitor{.printer = *this, .stream = stream, .payload = payload.data(), .prp = prp};
  drop = walk_units(frame.units, frame.end, frame.bare, crc, visitor);
  if (drop != Drop::kNone) {
    stream.window = before.window;  // a faulty frame changes nothing, but its references are missing
    stream.lost = true;
    return line("  FAULT {} in or behind the last unit above: the frame is dropped whole\n", pfs::name(drop));
  }
  line("  {} descriptors\n", denoter_.descriptors().size());
}

}  // namespace pfs
