#include "wire/extension.hpp"

#include <cstring>

#include "base/endian.hpp"

namespace pfs {
namespace {

constexpr uint32_t kUnitHeaderBytes = 3;  // tag, u16 length
constexpr uint32_t kFileFixedBytes = 8 + sizeof(Sha256Digest);
constexpr uint32_t kReceiptBytes = 1 + 8 + sizeof(Sha256Digest);
constexpr uint32_t kSessionBytes = 8;

/// A name is one component of a path: it is joined to an output folder, and must not lead out of it.
bool valid_name(std::string_view name) noexcept {
  if (name.empty() || name.size() > kFileNameMax || name == "." || name == "..") return false;
  return name.find('/') == std::string_view::npos && name.find('\0') == std::string_view::npos;
}

/// Writes tag and length; the place of the unit's bytes, or null if they do not fit.
uint8_t* open_unit(std::span<uint8_t> out, uint8_t tag, uint32_t bytes) noexcept {
  if (out.size() < kUnitHeaderBytes + bytes) return nullptr;
  out[0] = tag;
  store_be(out.data() + 1, static_cast<uint16_t>(bytes));
  return out.data() + kUnitHeaderBytes;
}

}  // namespace

bool read_file(std::span<const uint8_t> bytes, FileUnit& out) noexcept {
  if (bytes.size() <= kFileFixedBytes) return false;
  const uint8_t* name = bytes.data() + kFileFixedBytes;
  const std::string_view text(reinterpret_cast<const char*>(name), bytes.size() - kFileFixedBytes);
  if (!valid_name(text)) return false;
  out.size = load_be<uint64_t>(bytes.data());
  std::memcpy(out.sha256.data(), bytes.data() + 8, out.sha256.size());
  out.name = text;
  return true;
}

bool read_receipt(std::span<const uint8_t> bytes, ReceiptUnit& out) noexcept {
  if (bytes.size() != kReceiptBytes || bytes[0] > 1) return false;
  out.status = bytes[0];
  out.size = load_be<uint64_t>(bytes.data() + 1);
  std::memcpy(out.sha256.data(), bytes.data() + 9, out.sha256.size());
  return true;
}

bool read_session(std::span<const uint8_t> bytes, SessionUnit& out) noexcept {
  if (bytes.size() != kSessionBytes) return false;
  out.id = load_be<uint64_t>(bytes.data());
  return true;
}

uint32_t write_file(std::span<uint8_t> out, const FileUnit& unit) noexcept {
  if (!valid_name(unit.name)) return 0;
  const auto bytes = static_cast<uint32_t>(kFileFixedBytes + unit.name.size());
  uint8_t* at = open_unit(out, kFileTag, bytes);
  if (at == nullptr) return 0;
  store_be(at, unit.size);
  std::memcpy(at + 8, unit.sha256.data(), unit.sha256.size());
  std::memcpy(at + kFileFixedBytes, unit.name.data(), unit.name.size());
  return kUnitHeaderBytes + bytes;
}

uint32_t write_receipt(std::span<uint8_t> out, const ReceiptUnit& unit) noexcept {
  uint8_t* at = open_unit(out, kReceiptTag, kReceiptBytes);
  if (at == nullptr) return 0;
  at[0] = unit.status;
  store_be(at + 1, unit.size);
  std::memcpy(at + 9, unit.sha256.data(), unit.sha256.size());
  return kUnitHeaderBytes + kReceiptBytes;
}

uint32_t write_session(std::span<uint8_t> out, const SessionUnit& unit) noexcept {
  uint8_t* at = open_unit(out, kSessionTag, kSessionBytes);
  if (at == nullptr) return 0;
  store_be(at, unit.id);
  return kUnitHeaderBytes + kSessionBytes;
}

}  // namespace pfs
