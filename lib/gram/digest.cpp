#include "gram/digest.hpp"

#include <isa-l/crc.h>
#include <isa-l/crc64.h>

#include <algorithm>

#include "blob/ranges.hpp"
#include "blob/view.hpp"
#include "gram/gram.hpp"

namespace pfs {
namespace {

constexpr uint64_t kFnvPrime = 0x100000001B3;
constexpr size_t kIscsiMax = size_t{1} << 30;  // bytes a call; crc32_iscsi takes an int

/// crc32_iscsi neither inverts what it is given nor what it gives: the state goes in and out as it is.
uint64_t crc32c_update(uint64_t state, std::span<const uint8_t> bytes) noexcept {
  auto crc = static_cast<uint32_t>(state);
  while (!bytes.empty()) {
    const size_t step = std::min(bytes.size(), kIscsiMax);
    // The library's signature lacks a const; it only reads.
    crc = crc32_iscsi(const_cast<uint8_t*>(bytes.data()), static_cast<int>(step), crc);
    bytes = bytes.subspan(step);
  }
  return crc;
}

/// ISA-L inverts on the way in and on the way out; ECMA-182 as WIRE.md has it does neither.
uint64_t crc64_update(uint64_t state, std::span<const uint8_t> bytes) noexcept {
  if (bytes.empty()) return state;
  return ~crc64_ecma_norm(~state, bytes.data(), bytes.size());
}

uint64_t start(DigestKind kind) noexcept {
  if (kind == DigestKind::kFnv1a64) return kFnv1a64Basis;
  return kind == DigestKind::kCrc32c ? 0xFFFFFFFF : 0;
}

}  // namespace

uint64_t fnv1a64(uint64_t state, std::span<const uint8_t> bytes) noexcept {
  for (const uint8_t byte : bytes) state = (state ^ byte) * kFnvPrime;
  return state;
}

Digest::Digest(DigestKind kind) noexcept : kind_(kind), state_(start(kind)) {}

void Digest::update(std::span<const uint8_t> bytes) noexcept {
  switch (kind_) {
    case DigestKind::kNone:
      break;
    case DigestKind::kFnv1a64:
      state_ = fnv1a64(state_, bytes);
      break;
    case DigestKind::kCrc32c:
      state_ = crc32c_update(state_, bytes);
      break;
    case DigestKind::kCrc64:
      state_ = crc64_update(state_, bytes);
      break;
  }
}

uint64_t Digest::value() const noexcept { return kind_ == DigestKind::kCrc32c ? state_ ^ 0xFFFFFFFF : state_; }

bool gram_holds(const Gram& gram, const BlobView& blob) noexcept {
  if (gram.bare) return true;
  if (gram.end.frames != gram.frames || gram.end.descriptors != gram.table.count || gram.end.bytes != gram.bytes) {
    return false;
  }
  if (gram.head.total != 0 && gram.head.total != gram.bytes) return false;
  if (gram.end.digest_kind > static_cast<uint8_t>(DigestKind::kCrc64)) return false;
  const auto kind = static_cast<DigestKind>(gram.end.digest_kind);
  if (kind == DigestKind::kNone) return true;  // nothing to hold against: the field's value means nothing
  Digest digest(kind);
  for_each_range({gram.table.data, gram.table.count}, blob.data, gram.slab,
                 [&](const uint8_t* data, uint64_t bytes) noexcept {
                   digest.update({data, bytes});
                 });
  return digest.value() == gram.end.digest;
}

}  // namespace pfs
