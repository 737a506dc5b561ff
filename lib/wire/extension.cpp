#include "wire/extension.hpp"

#include <cstring>

#include "base/endian.hpp"

namespace pfs {

bool valid_file_name(std::string_view name) noexcept {
  if (name.empty() || name.size() > kFileNameMax || name == "." || name == "..") return false;
  return name.find('/') == std::string_view::npos && name.find('\0') == std::string_view::npos;
}

bool read_file(std::span<const uint8_t> bytes, FileUnit& out) noexcept {
  if (bytes.size() <= kFileFixedBytes) return false;
  const uint8_t* name = bytes.data() + kFileFixedBytes;
  const std::string_view text(reinterpret_cast<const char*>(name), bytes.size() - kFileFixedBytes);
  if (!valid_file_name(text)) return false;
  out.size = load_be<uint64_t>(bytes.data());
  std::memcpy(out.sha256.data(), bytes.data() + 8, out.sha256.size());
  out.name = text;
  return true;
}

bool read_receipt(std::span<const uint8_t> bytes, ReceiptUnit& out) noexcept {
  if (bytes.size() != kReceiptFixedBytes || bytes[0] > 1) return false;
  out.status = bytes[0];
  out.size = load_be<uint64_t>(bytes.data() + 1);
  std::memcpy(out.sha256.data(), bytes.data() + 9, out.sha256.size());
  return true;
}

bool read_session(std::span<const uint8_t> bytes, SessionUnit& out) noexcept {
  if (bytes.size() != kSessionFixedBytes) return false;
  out.id = load_be<uint64_t>(bytes.data());
  return true;
}

}  // namespace pfs
