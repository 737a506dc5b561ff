#include "gram/digest.hpp"

#include <isa-l/crc.h>
#include <isa-l/crc64.h>

#include <algorithm>

#include "simd/crc32c_lines/crc32c_lines.hpp"
#include "simd/fnv1a/fnv1a.hpp"

namespace pfs {
namespace {

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
  for (const uint8_t byte : bytes) state = (state ^ byte) * kFnv1aPrime;
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

void Digest::update(std::span<const Descriptor> table, const uint8_t* blob, const uint8_t* slab, Room& room) noexcept {
  if (kind_ == DigestKind::kCrc32c && crc32c_lines_pay()) {
    auto crc = static_cast<uint32_t>(state_);
    table = table.subspan(crc32c_lines(crc, table, blob, slab));
    state_ = crc;
  }
  for_each_stretch(table, blob, slab, room, [this](const uint8_t* data, uint64_t bytes) noexcept {
    update({data, bytes});
  });
}

uint64_t Digest::value() const noexcept { return kind_ == DigestKind::kCrc32c ? state_ ^ 0xFFFFFFFF : state_; }

}  // namespace pfs
