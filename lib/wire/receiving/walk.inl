#pragma once

// Only walk.hpp includes this file. The order of judgement is WIRE.md section 5's: whether a unit's fixed fields are
// there (kTruncated), whether they obey the unit's rule, whether its variable part is there (kTruncated); then the
// visitor judges the items.

#include "base/endian.hpp"
#include "wire/receiving/walk.hpp"

namespace pfs {
namespace walk_detail {

/// The units that are not walked yet. Every read is preceded by has().
struct Cursor {
  const uint8_t* at;
  const uint8_t* end;

  [[nodiscard]] bool has(uint64_t bytes) const noexcept { return static_cast<uint64_t>(end - at) >= bytes; }

  template <class T>
  T take() noexcept {
    const T value = load_be<T>(at);
    at += sizeof(T);
    return value;
  }

  std::span<const uint8_t> take_span(uint64_t bytes) noexcept {
    const std::span<const uint8_t> span(at, bytes);
    at += bytes;
    return span;
  }
};

/// Reads the run that `tag` begins.
[[gnu::always_inline]] inline Drop read_run(uint8_t tag, Cursor& cursor, RunUnit& run) noexcept {
  uint32_t count = (tag & 63u) + 1;
  if (count > kShortRunMax) {
    if (!cursor.has(2)) return Drop::kTruncated;
    count = cursor.take<uint16_t>() + 1u;
    if (count <= kShortRunMax) return Drop::kBadRun;
  }
  const uint32_t bytes = count << (tag >> 6);
  if (!cursor.has(bytes)) return Drop::kTruncated;
  run = {static_cast<Tier>(tag >> 6), count, cursor.at};
  cursor.at += bytes;
  return Drop::kNone;
}

template <class Visitor>
[[gnu::always_inline]] inline Drop run(uint8_t tag, Cursor& cursor, Visitor& visitor) noexcept {
  RunUnit unit;
  const Drop fault = read_run(tag, cursor, unit);
  return fault == Drop::kNone ? visitor.run(unit.tier, unit.references, unit.count) : fault;
}

template <class Visitor>
Drop extents(Cursor& cursor, Visitor& visitor) noexcept {
  if (!cursor.has(kExtentsFixedBytes)) return Drop::kTruncated;
  const uint8_t* start = cursor.at;
  ExtentsUnit unit;
  unit.count = cursor.take<uint8_t>() + 1u;
  unit.offset_bits = cursor.take<uint8_t>();
  unit.length_bits = cursor.take<uint8_t>();
  unit.base = cursor.take<uint64_t>();
  unit.step = cursor.take<uint64_t>();
  unit.shortest = cursor.take<uint32_t>();
  if (unit.offset_bits > kOffsetBitsMax || unit.length_bits > kLengthBitsMax) return Drop::kBadExtents;
  const uint32_t delta_bytes = ((unit.count - 1) * unit.offset_bits + 7) / 8;
  const uint32_t length_bytes = (unit.count * unit.length_bits + 7) / 8;
  if (!cursor.has(delta_bytes + length_bytes)) return Drop::kTruncated;
  unit.deltas = cursor.take_span(delta_bytes);
  unit.lengths = cursor.take_span(length_bytes);
  unit.raw = {start, cursor.at};
  return visitor.extents(unit);
}

template <class Visitor>
Drop gram(Cursor& cursor, Visitor& visitor) noexcept {
  if (!cursor.has(kGramBytes)) return Drop::kTruncated;
  GramUnit unit;
  unit.op = cursor.take<uint8_t>();
  unit.flags = cursor.take<uint16_t>();
  unit.blob = cursor.take<uint32_t>();
  unit.arg = cursor.take<uint64_t>();
  unit.total = cursor.take<uint64_t>();
  return visitor.gram(unit);
}

template <class Visitor>
Drop gram_end(Cursor& cursor, Visitor& visitor) noexcept {
  if (!cursor.has(kGramEndBytes)) return Drop::kTruncated;
  GramEndUnit unit;
  unit.digest_kind = cursor.take<uint8_t>();
  unit.frames = cursor.take<uint16_t>();
  unit.descriptors = cursor.take<uint32_t>();
  unit.bytes = cursor.take<uint64_t>();
  unit.digest = cursor.take<uint64_t>();
  return visitor.gram_end(unit);
}

template <class Visitor>
Drop result(Cursor& cursor, Visitor& visitor) noexcept {
  if (!cursor.has(kResultFixedBytes)) return Drop::kTruncated;
  ResultUnit unit;
  unit.op = cursor.take<uint8_t>();
  unit.status = cursor.take<uint16_t>();
  unit.gram = cursor.take<uint32_t>();
  unit.value = cursor.take<uint64_t>();
  const uint16_t bytes = cursor.take<uint16_t>();
  if (!cursor.has(bytes)) return Drop::kTruncated;
  unit.bytes = cursor.take_span(bytes);
  return visitor.result(unit);
}

/// Reads a u16 length and as many bytes, of LITERAL or an extension; false if they are not all there.
[[gnu::always_inline]] inline bool sized_bytes(Cursor& cursor, std::span<const uint8_t>& bytes) noexcept {
  if (!cursor.has(2)) return false;
  const uint16_t length = cursor.take<uint16_t>();
  if (!cursor.has(length)) return false;
  bytes = cursor.take_span(length);
  return true;
}

template <class Visitor>
Drop nack(Cursor& cursor, Visitor& visitor) noexcept {
  if (!cursor.has(1)) return Drop::kTruncated;
  const uint32_t count = cursor.take<uint8_t>() + 1u;
  if (!cursor.has(count * 6)) return Drop::kTruncated;
  return visitor.nack(cursor.take_span(count * 6).data(), count);
}

template <class Visitor>
[[gnu::always_inline]] inline Drop sync_mark(Cursor& cursor, bool crc, Visitor& visitor) noexcept {
  if (!cursor.has(crc ? 4 : 2)) return Drop::kTruncated;
  const uint16_t window = cursor.take<uint16_t>();
  return visitor.sync_mark(window, crc, crc ? cursor.take<uint16_t>() : uint16_t{0});
}

/// Walks one of the control units that a frame with a header may hold and a bare one may not.
template <class Visitor>
Drop framed_control(uint8_t tag, Cursor& cursor, Visitor& visitor) noexcept {
  std::span<const uint8_t> bytes;
  switch (static_cast<Tag>(tag)) {
    case Tag::kExtents:
      return extents(cursor, visitor);
    case Tag::kLiteral:
      return sized_bytes(cursor, bytes) ? visitor.literal(bytes) : Drop::kTruncated;
    case Tag::kGram:
      return gram(cursor, visitor);
    case Tag::kGramEnd:
      return gram_end(cursor, visitor);
    case Tag::kResult:
      return result(cursor, visitor);
    case Tag::kNack:
      return nack(cursor, visitor);
    case Tag::kAck: {
      if (!cursor.has(kAckBytes)) return Drop::kTruncated;
      AckUnit unit;
      unit.next = cursor.take<uint32_t>();
      unit.credit = cursor.take<uint32_t>();
      return visitor.ack(unit);
    }
    default:
      break;
  }
  if (tag < static_cast<uint8_t>(Tag::kExtensionFirst) || tag > static_cast<uint8_t>(Tag::kExtensionLast)) {
    return Drop::kBadUnit;
  }
  return sized_bytes(cursor, bytes) ? visitor.extension(tag, bytes) : Drop::kTruncated;
}

}  // namespace walk_detail

template <class Visitor>
Drop walk_units(const uint8_t* at, const uint8_t* end, bool bare, bool crc, Visitor& visitor) noexcept {
  walk_detail::Cursor cursor{at, end};
  while (cursor.at < cursor.end) {
    const uint8_t tag = *cursor.at++;
    Drop drop;
    if (tag < static_cast<uint8_t>(Tag::kEnd)) {
      drop = walk_detail::run(tag, cursor, visitor);
    } else if (tag == static_cast<uint8_t>(Tag::kEnd)) {
      return Drop::kNone;
    } else if (tag == static_cast<uint8_t>(Tag::kSyncMark)) {
      drop = walk_detail::sync_mark(cursor, crc, visitor);
    } else if (tag == static_cast<uint8_t>(Tag::kSyncAck)) {
      if (!cursor.has(2)) return Drop::kTruncated;
      drop = visitor.sync_ack(cursor.take<uint16_t>());
    } else if (bare) {
      return Drop::kBadUnit;
    } else {
      drop = walk_detail::framed_control(tag, cursor, visitor);
    }
    if (drop != Drop::kNone) [[unlikely]]
      return drop;
  }
  return Drop::kNone;
}

[[gnu::always_inline]] inline bool read_lone_run(const uint8_t* at, const uint8_t* end, RunUnit& run) noexcept {
  if (at == end) return false;
  const uint8_t tag = *at;
  walk_detail::Cursor cursor{at + 1, end};
  return tag < static_cast<uint8_t>(Tag::kEnd) && walk_detail::read_run(tag, cursor, run) == Drop::kNone &&
         cursor.at == end;
}

}  // namespace pfs
