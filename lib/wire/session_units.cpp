#include "wire/session_units.hpp"

#include <isa-l/crc.h>

#include <algorithm>
#include <array>
#include <cassert>

#include "base/endian.hpp"
#include "wire/sending/writer.hpp"

namespace pfs {
namespace {

constexpr uint32_t kCarryAt = kFrameHeaderBytes;  // CARRY stands right behind the header
constexpr uint32_t kCrcAt = kCarryAt + 3;
constexpr uint32_t kCrcEnd = kCrcAt + sizeof(uint32_t);

/// Takes fields one behind the other from bytes whose number the caller has checked.
struct Fields {
  const uint8_t* at;

  template <class T>
  T take() noexcept {
    const T value = load_be<T>(at);
    at += sizeof(T);
    return value;
  }
};

/// True, with `out` set, if a byte that is a flag by itself is 0 or 1.
bool read_bool(uint8_t byte, bool& out) noexcept {
  out = byte == 1;
  return byte <= 1;
}

Terms take_terms(Fields& fields, bool& zeros) noexcept {
  Terms out;
  out.version = fields.take<uint8_t>();
  out.digest = fields.take<uint8_t>();
  out.window_pow2 = fields.take<uint8_t>();
  out.path = fields.take<uint8_t>();
  out.boot = fields.take<uint64_t>();
  std::copy_n(fields.at, out.root.size(), out.root.begin());
  fields.at += out.root.size();
  out.layout.size = fields.take<uint64_t>();
  out.layout.l1 = fields.take<uint64_t>();
  out.layout.l2 = fields.take<uint64_t>();
  out.layout.l3 = fields.take<uint64_t>();
  out.layout.word = fields.take<uint32_t>();
  out.layout.block = fields.take<uint32_t>();
  out.streams = fields.take<uint16_t>();
  zeros = fields.take<uint16_t>() == 0;
  out.payload = fields.take<uint32_t>();
  out.frames = fields.take<uint32_t>();
  out.bytes = fields.take<uint64_t>();
  out.capabilities = fields.take<uint32_t>();
  out.session = fields.take<uint32_t>();
  out.cookie = fields.take<uint64_t>();
  out.nonce = fields.take<uint64_t>();
  return out;
}

/// The CRC of a payload's first `bytes` bytes (kCarryAt + kCarryUnitBytes at least), with CARRY's own CRC as zeros.
uint32_t crc_of(const uint8_t* payload, uint32_t bytes) noexcept {
  std::array<uint8_t, kCrcEnd> head{};
  std::copy_n(payload, kCrcAt, head.begin());
  const uint32_t state = crc32_iscsi(head.data(), head.size(), 0xFFFFFFFF);
  // The library's signature lacks a const; it only reads.
  return ~crc32_iscsi(const_cast<uint8_t*>(payload) + kCrcEnd, static_cast<int>(bytes - kCrcEnd), state);
}

}  // namespace

bool read_carry(std::span<const uint8_t> bytes, CarryUnit& out) noexcept {
  if (bytes.size() != kCarryBytes) return false;
  Fields fields{bytes.data() + sizeof(uint32_t)};  // open_carried() judges the CRC
  out.session = fields.take<uint32_t>();
  const auto flags = fields.take<uint8_t>();
  out.sequenced = (flags & kCarrySequenced) != 0;
  out.ping = (flags & kCarryPing) != 0;
  out.path = fields.take<uint8_t>();
  out.stamp = fields.take<uint32_t>();
  out.denoted = fields.take<uint64_t>();
  return (flags & ~(kCarrySequenced | kCarryPing)) == 0;
}

bool read_sack(std::span<const uint8_t> bytes, SackUnit& out) noexcept {
  if (bytes.size() < kSackFixedBytes) return false;
  Fields fields{bytes.data()};
  out.stream = fields.take<uint16_t>();
  out.path = fields.take<uint8_t>();
  out.pressure = fields.take<uint8_t>();
  out.next = fields.take<uint32_t>();
  out.frames = fields.take<uint32_t>();
  out.bytes = fields.take<uint64_t>();
  out.stamp = fields.take<uint32_t>();
  out.held = fields.take<uint32_t>();
  out.first = fields.take<uint32_t>();
  if (fields.take<uint16_t>() != 0) return false;
  const uint32_t words = fields.take<uint16_t>();
  if (words > kSackWordsMax || bytes.size() != kSackFixedBytes + words * sizeof(uint64_t)) return false;
  out.words = words;
  for (uint32_t i = 0; i < words; ++i) out.map[i] = fields.take<uint64_t>();
  return true;
}

bool read_hello(std::span<const uint8_t> bytes, Terms& out) noexcept {
  if (bytes.size() != kTermsBytes) return false;
  Fields fields{bytes.data()};
  bool zeros = false;
  out = take_terms(fields, zeros);
  return zeros;
}

bool read_welcome(std::span<const uint8_t> bytes, WelcomeUnit& out) noexcept {
  if (bytes.size() != kWelcomeBytes) return false;
  Fields fields{bytes.data()};
  bool zeros = false;
  out.terms = take_terms(fields, zeros);
  out.opener = fields.take<uint32_t>();
  return zeros;
}

bool read_bye(std::span<const uint8_t> bytes, ByeUnit& out) noexcept {
  if (bytes.size() != kByeBytes) return false;
  Fields fields{bytes.data()};
  const auto reason = fields.take<uint8_t>();
  if (reason > static_cast<uint8_t>(kByeReasonLast)) return false;
  out.reason = static_cast<ByeUnit::Reason>(reason);
  if (!read_bool(fields.take<uint8_t>(), out.answer)) return false;
  out.opener = fields.take<uint32_t>();
  out.ours = fields.take<uint64_t>();
  out.theirs = fields.take<uint64_t>();
  return true;
}

bool read_retry(std::span<const uint8_t> bytes, RetryUnit& out) noexcept {
  if (bytes.size() != kRetryBytes) return false;
  Fields fields{bytes.data()};
  out.opener = fields.take<uint32_t>();
  out.cookie = fields.take<uint64_t>();
  return true;
}

bool read_probe(std::span<const uint8_t> bytes, ProbeUnit& out) noexcept {
  if (bytes.size() != kProbeBytes) return false;
  Fields fields{bytes.data()};
  if (!read_bool(fields.take<uint8_t>(), out.answer)) return false;
  out.path = fields.take<uint8_t>();
  out.bytes = fields.take<uint32_t>();
  return true;
}

bool is_carried(std::span<const uint8_t> payload) noexcept {
  return payload.size() > kCarryAt && payload[0] == kFrameTag && payload[kCarryAt] == kCarryTag;
}

Drop open_carried(std::span<const uint8_t> payload, Carried& out) noexcept {
  constexpr uint32_t kHeadBytes = kCarryAt + kCarryUnitBytes;
  if (payload[1] >> 4 != kVersion) return Drop::kBadVersion;
  if (payload.size() < kHeadBytes || load_be<uint16_t>(payload.data() + kCarryAt + 1) != kCarryBytes) {
    return Drop::kBadUnit;
  }
  out.frame.header = load_header(payload.data());
  out.frame.bare = false;
  out.frame.units = payload.data() + kHeadBytes;
  const uint32_t announced = kFrameHeaderBytes + out.frame.header.length;
  out.frame.end = payload.data() + std::min<size_t>(announced, payload.size());
  if (announced < kHeadBytes || !read_carry(payload.subspan(kCarryAt + 3, kCarryBytes), out.carry)) {
    return Drop::kBadUnit;
  }
  if (announced > payload.size()) return Drop::kTruncated;
  return crc_of(payload.data(), announced) == load_be<uint32_t>(payload.data() + kCrcAt) ? Drop::kNone
                                                                                         : Drop::kCrcMismatch;
}

void seal_carried(std::span<uint8_t> payload, const CarryUnit& carry) noexcept {
  const uint32_t announced = kFrameHeaderBytes + load_header(payload.data()).length;
  assert(announced >= kCarryAt + kCarryUnitBytes && announced <= payload.size());
  UnitWriter(payload.subspan(kCarryAt, kCarryUnitBytes)).carry(carry);
  store_be(payload.data() + kCrcAt, crc_of(payload.data(), announced));
}

}  // namespace pfs
