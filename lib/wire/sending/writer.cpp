#include "wire/sending/writer.hpp"

#include <array>

#include "wire/codec/pack/pack.hpp"

namespace pfs {
namespace {

/// An empty span may have no address, and memcpy wants one.
void copy(uint8_t* to, std::span<const uint8_t> bytes) noexcept {
  if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
}

}  // namespace

uint8_t* UnitWriter::extents_head(const ExtentsUnit& unit, uint32_t packed) noexcept {
  uint8_t* at = tagged(Tag::kExtents, kExtentsFixedBytes + packed);
  if (at == nullptr) return nullptr;
  at[0] = static_cast<uint8_t>(unit.count - 1);
  at[1] = static_cast<uint8_t>(unit.offset_bits);
  at[2] = static_cast<uint8_t>(unit.length_bits);
  store_be(at + 3, unit.base);
  store_be(at + 11, unit.step);
  store_be(at + 19, unit.shortest);
  return at + kExtentsFixedBytes;
}

bool UnitWriter::extents(const ExtentsUnit& unit) noexcept {
  uint8_t* at = extents_head(unit, static_cast<uint32_t>(unit.deltas.size() + unit.lengths.size()));
  if (at == nullptr) return false;
  copy(at, unit.deltas);
  copy(at + unit.deltas.size(), unit.lengths);
  return true;
}

bool UnitWriter::extents(const ExtentsShape& shape, std::span<const Descriptor> ranges) noexcept {
  const ExtentsUnit unit{.count = shape.count(),
                         .offset_bits = shape.offset_bits(),
                         .length_bits = shape.length_bits(),
                         .base = shape.base(),
                         .step = shape.step(),
                         .shortest = shape.shortest()};
  uint8_t* at = extents_head(unit, shape.bytes() - 1 - kExtentsFixedBytes);
  if (at == nullptr) return false;
  std::array<uint64_t, kExtentsMax> values;
  if (unit.offset_bits > 0) {
    for (size_t i = 1; i < ranges.size(); ++i) {
      values[i] = ranges[i].offset - (ranges[i - 1].offset + ranges[i - 1].length) - unit.step;
    }
    at += pack({values.data() + 1, ranges.size() - 1}, unit.offset_bits, at);
  }
  if (unit.length_bits > 0) {
    for (size_t i = 0; i < ranges.size(); ++i) values[i] = ranges[i].length - unit.shortest;
    pack({values.data(), ranges.size()}, unit.length_bits, at);
  }
  return true;
}

uint8_t* UnitWriter::sized(uint8_t tag, size_t bytes) noexcept {
  uint8_t* at = tagged(static_cast<Tag>(tag), static_cast<uint32_t>(2 + bytes));
  if (at == nullptr) return nullptr;
  store_be(at, static_cast<uint16_t>(bytes));
  return at + 2;
}

bool UnitWriter::literal(std::span<const uint8_t> bytes) noexcept {
  return extension(static_cast<uint8_t>(Tag::kLiteral), bytes);
}

bool UnitWriter::gram(const GramUnit& unit) noexcept {
  uint8_t* at = tagged(Tag::kGram, kGramBytes);
  if (at == nullptr) return false;
  at[0] = unit.op;
  store_be(at + 1, unit.flags);
  store_be(at + 3, unit.blob);
  store_be(at + 7, unit.arg);
  store_be(at + 15, unit.total);
  return true;
}

bool UnitWriter::gram_end(const GramEndUnit& unit) noexcept {
  uint8_t* at = tagged(Tag::kGramEnd, kGramEndBytes);
  if (at == nullptr) return false;
  at[0] = unit.digest_kind;
  store_be(at + 1, unit.frames);
  store_be(at + 3, unit.descriptors);
  store_be(at + 7, unit.bytes);
  store_be(at + 15, unit.digest);
  return true;
}

uint8_t* UnitWriter::result_head(const ResultUnit& unit, uint16_t bytes) noexcept {
  uint8_t* at = tagged(Tag::kResult, kResultFixedBytes + bytes);
  if (at == nullptr) return nullptr;
  at[0] = unit.op;
  store_be(at + 1, unit.status);
  store_be(at + 3, unit.gram);
  store_be(at + 7, unit.value);
  store_be(at + 15, bytes);
  return at + kResultFixedBytes;
}

bool UnitWriter::result(const ResultUnit& unit) noexcept {
  uint8_t* at = result_head(unit, static_cast<uint16_t>(unit.bytes.size()));
  if (at == nullptr) return false;
  copy(at, unit.bytes);
  return true;
}

bool UnitWriter::extension(uint8_t tag, std::span<const uint8_t> bytes) noexcept {
  uint8_t* at = sized(tag, bytes.size());
  if (at == nullptr) return false;
  copy(at, bytes);
  return true;
}

bool UnitWriter::file(const FileUnit& unit) noexcept {
  if (!valid_file_name(unit.name)) return false;
  uint8_t* at = sized(kFileTag, kFileFixedBytes + unit.name.size());
  if (at == nullptr) return false;
  store_be(at, unit.size);
  copy(at + 8, unit.sha256);
  std::memcpy(at + kFileFixedBytes, unit.name.data(), unit.name.size());
  return true;
}

bool UnitWriter::receipt(const ReceiptUnit& unit) noexcept {
  uint8_t* at = sized(kReceiptTag, kReceiptFixedBytes);
  if (at == nullptr) return false;
  at[0] = unit.status;
  store_be(at + 1, unit.size);
  copy(at + 9, unit.sha256);
  return true;
}

bool UnitWriter::session(const SessionUnit& unit) noexcept {
  uint8_t* at = sized(kSessionTag, kSessionFixedBytes);
  if (at == nullptr) return false;
  store_be(at, unit.id);
  return true;
}

bool UnitWriter::sync_mark(uint16_t window, bool has_crc, uint16_t crc) noexcept {
  uint8_t* at = tagged(Tag::kSyncMark, has_crc ? 4 : 2);
  if (at == nullptr) return false;
  store_be(at, window);
  if (has_crc) store_be(at + 2, crc);
  return true;
}

bool UnitWriter::sync_ack(uint16_t window) noexcept {
  uint8_t* at = tagged(Tag::kSyncAck, 2);
  if (at != nullptr) store_be(at, window);
  return at != nullptr;
}

bool UnitWriter::ack(const AckUnit& unit) noexcept {
  uint8_t* at = tagged(Tag::kAck, kAckBytes);
  if (at == nullptr) return false;
  store_be(at, unit.next);
  store_be(at + 4, unit.credit);
  return true;
}

bool UnitWriter::nack(std::span<const Gap> gaps) noexcept {
  uint8_t* at = tagged(Tag::kNack, static_cast<uint32_t>(1 + 6 * gaps.size()));
  if (at == nullptr) return false;
  *at++ = static_cast<uint8_t>(gaps.size() - 1);
  for (const Gap& gap : gaps) {
    store_be(at, gap.first);
    store_be(at + 4, static_cast<uint16_t>(gap.count - 1));
    at += 6;
  }
  return true;
}

bool UnitWriter::end() noexcept { return tagged(Tag::kEnd, 0) != nullptr; }

}  // namespace pfs
