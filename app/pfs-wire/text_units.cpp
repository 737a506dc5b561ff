#include "text_units.hpp"

#include <string>
#include <vector>

#include "base/endian.hpp"
#include "base/escape.hpp"
#include "text_line.hpp"
#include "text_session.hpp"
#include "wire/codec/prp32/prp32.hpp"
#include "wire/codec/unpack/unpack.hpp"
#include "wire/extension.hpp"

namespace pfs {
namespace {

uint32_t wire_at(Tier tier, const uint8_t* references, uint32_t i) noexcept {
  if (tier == Tier::kL1) return references[i];
  if (tier == Tier::kL2) return load_be<uint16_t>(references + size_t{i} * 2);
  return load_be<uint32_t>(references + size_t{i} * 4);
}

const char* space_name(const Descriptor& range) noexcept { return range.in_blob() ? "blob" : "slab"; }

}  // namespace

size_t TextUnits::unit(size_t bytes) noexcept {
  at_ = next_;
  next_ += bytes;
  return at_;
}

Drop TextUnits::run(Tier tier, const uint8_t* references, uint32_t count) {
  const size_t bytes = size_t{count} * reference_bytes(tier);
  print_line("  @{:<5} RUN L{}, {} references", unit((count > kShortRunMax ? 3 : 1) + bytes),
             static_cast<int>(tier) + 1, count);
  print_references(tier, references, count);
  window_.window.references(references, bytes);
  return print_ranges(denoter_.run(tier, references, count));
}

/// Prints one line for each stretch of references that count up by one.
void TextUnits::print_references(Tier tier, const uint8_t* references, uint32_t count) const {
  const bool permuted = prp_ && tier == Tier::kL3;
  const auto index_at = [&](uint32_t i) {
    const uint32_t wire = wire_at(tier, references, i);
    return permuted ? prp32(wire, denoter_.session().key) : wire;
  };
  uint32_t first = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t index = index_at(i);
    if (i + 1 < count && index != UINT32_MAX && index_at(i + 1) == index + 1) continue;
    const uint32_t start = index_at(first);
    const std::string wire =
        permuted ? fmt::format(", 0x{:08x} on the wire", wire_at(tier, references, first)) : std::string();
    if (first == i) {
      print_line("           [{}] {} = 0x{:x}{}", first, start, start, wire);
    } else {
      print_line("           [{}..{}] {}..{} = 0x{:x}..0x{:x}{}", first, i, start, index, start, index, wire);
    }
    first = i + 1;
  }
}

Drop TextUnits::extents(const ExtentsUnit& extents) {
  print_line("  @{:<5} EXTENTS, {} of them, base {}, step {}, shortest {}, deltas of {} bits, lengths of {} bits",
             unit(1 + extents.raw.size()), extents.count, extents.base, static_cast<int64_t>(extents.step),
             extents.shortest, extents.offset_bits, extents.length_bits);
  std::vector<uint64_t> deltas(extents.count - 1);
  std::vector<uint64_t> lengths(extents.count);
  unpack(extents.deltas, extents.offset_bits, deltas);
  unpack(extents.lengths, extents.length_bits, lengths);
  uint64_t offset = extents.base;
  for (uint32_t i = 0; i < extents.count; ++i) {
    if (i > 0) offset += extents.shortest + lengths[i - 1] + extents.step + deltas[i - 1];
    print_line("           [{}] {}+{}", i, offset, extents.shortest + lengths[i]);
  }
  window_.window.references(extents.raw.data(), extents.raw.size());
  return print_ranges(denoter_.extents(extents));
}

Drop TextUnits::literal(std::span<const uint8_t> bytes) {
  print_line("  @{:<5} LITERAL, {} bytes: {}", unit(3 + bytes.size()), bytes.size(), dump(bytes));
  return print_ranges(denoter_.literal(bytes));
}

Drop TextUnits::print_ranges(Drop drop) {
  faulty_ = drop != Drop::kNone;
  if (faulty_) return drop;
  const auto ranges = denoter_.descriptors();
  for (size_t i = denoted_ == 0 ? 0 : denoted_ - 1; i < ranges.size(); ++i) {
    const bool merged = i < denoted_;  // the last range that was known before; this unit may have lengthened it
    if (merged && ranges[i].length == last_length_) continue;
    print_line("         {} descriptor {}: {} {}+{}", merged ? "grew" : "  ->", i, space_name(ranges[i]),
               ranges[i].offset, uint64_t{ranges[i].length});
  }
  last_length_ = ranges.empty() ? 0 : ranges.back().length;
  denoted_ = ranges.size();
  return drop;
}

Drop TextUnits::gram(const GramUnit& gram) {
  print_line("  @{:<5} GRAM, op {}, flags 0x{:x}, blob 0x{:08x}, arg {}, denotes {} bytes", unit(1 + kGramBytes),
             gram.op, gram.flags, gram.blob, gram.arg, gram.total == 0 ? "unknown" : std::to_string(gram.total));
  return Drop::kNone;
}

Drop TextUnits::gram_end(const GramEndUnit& end) {
  print_line("  @{:<5} GRAM_END, {} frames, {} descriptors, {} bytes, digest of kind {}: 0x{:016x}",
             unit(1 + kGramEndBytes), end.frames, end.descriptors, end.bytes, end.digest_kind, end.digest);
  return Drop::kNone;
}

Drop TextUnits::result(const ResultUnit& result) {
  print_line("  @{:<5} RESULT, op {}, status {}, gram {}, value {} = 0x{:x}, {} bytes: {}",
             unit(1 + kResultFixedBytes + result.bytes.size()), result.op, result.status, result.gram, result.value,
             result.value, result.bytes.size(), dump(result.bytes));
  return Drop::kNone;
}

Drop TextUnits::extension(uint8_t tag, std::span<const uint8_t> bytes) {
  const size_t offset = unit(3 + bytes.size());
  FileUnit file;
  ReceiptUnit receipt;
  SessionUnit session;
  if (tag == kFileTag && read_file(bytes, file)) {
    print_line("  @{:<5} FILE {}, {} bytes, SHA-256 {}", offset, quote(file.name, SIZE_MAX), file.size,
               to_hex(file.sha256));
  } else if (tag == kReceiptTag && read_receipt(bytes, receipt)) {
    print_line("  @{:<5} RECEIPT, {}, {} bytes, SHA-256 {}", offset, receipt.status == 0 ? "verified" : "failed",
               receipt.size, to_hex(receipt.sha256));
  } else if (tag == kSessionTag && read_session(bytes, session)) {
    print_line("  @{:<5} SESSION {}", offset, session.id);
  } else if (const std::string text = session_unit_text(tag, bytes); !text.empty()) {
    print_line("  @{:<5} {}", offset, text);
  } else {
    print_line("  @{:<5} extension {:02X}, {} bytes: {}", offset, tag, bytes.size(), dump(bytes));
  }
  return Drop::kNone;
}

Drop TextUnits::sync_mark(uint16_t id, bool has_crc, uint16_t crc) {
  const uint16_t computed = window_.window.crc();
  std::string verdict = "no CRC";
  if (has_crc && crc == computed) {
    verdict = fmt::format("CRC 0x{:04x} holds", crc);
  } else if (has_crc && window_.lost) {
    verdict = fmt::format("CRC 0x{:04x} cannot be checked: references of the window are missing", crc);
  } else if (has_crc) {
    verdict = fmt::format("CRC 0x{:04x} DIFFERS from 0x{:04x}, the CRC of the references here", crc, computed);
  }
  print_line("  @{:<5} SYNC_MARK, window {}, {}", unit(has_crc ? 5 : 3), id, verdict);
  (void)window_.window.close(id, has_crc, crc);
  window_.lost = false;
  return Drop::kNone;
}

Drop TextUnits::sync_ack(uint16_t window) {
  print_line("  @{:<5} SYNC_ACK, window {}", unit(3), window);
  return Drop::kNone;
}

Drop TextUnits::ack(const AckUnit& ack) {
  print_line("  @{:<5} ACK, next {}, credit {}", unit(9), ack.next, ack.credit);
  return Drop::kNone;
}

Drop TextUnits::nack(const uint8_t* items, uint32_t count) {
  print_line("  @{:<5} NACK, {} ranges of frames", unit(2 + size_t{count} * 6), count);
  for (uint32_t i = 0; i < count; ++i, items += 6) {
    print_line("           [{}] {} from {}", i, load_be<uint16_t>(items + 4) + 1u, load_be<uint32_t>(items));
  }
  return Drop::kNone;
}

}  // namespace pfs
