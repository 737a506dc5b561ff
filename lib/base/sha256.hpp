#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

struct evp_md_ctx_st;

namespace pfs {

using Sha256Digest = std::array<uint8_t, 32>;

/// SHA-256 by OpenSSL, fed piece by piece.
class Sha256 {
 public:
  Sha256();
  void update(std::span<const uint8_t> bytes) noexcept;
  /// The digest of everything since construction or the last finish(). The object is then ready for the next message.
  Sha256Digest finish() noexcept;

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const noexcept;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

/// The bytes as lower-case hexadecimal digits.
std::string to_hex(std::span<const uint8_t> bytes);

}  // namespace pfs
