#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/result.hpp"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace pfs::reduce {

/// How the literals of a gram are written.
enum class LiteralForm : uint8_t {
  kPlain = 0,
  kZstd = 1,       ///< one frame of zstd, without size and checksum, against the expected bytes
  kZstdOfTwo = 2,  ///< one frame over the bytes grouped by 2 (byte_groups.hpp), against nothing
  kZstdOfFour = 3  ///< the same by 4
};

struct LiteralRules {
  size_t bytes = 1 << 20;     ///< of one gram's literals, at most
  size_t expected = 2 << 20;  ///< bytes to compress against, at most
  int level = 1;              ///< zstd's
};

/// Compresses the literals of grams where that pays. What looks random by a sample is left alone, though one slab in 32
/// of those is tried all the same, because a sample does not see repetitions. Takes its memory once.
class LiteralEncoder {
 public:
  /// Error if there is no memory.
  static Result<LiteralEncoder> create(const LiteralRules& rules);

  struct Written {
    LiteralForm form = LiteralForm::kPlain;
    std::span<const uint8_t> bytes;  ///< `literals` itself if plain; else valid until the next call
  };
  /// Neither span is longer than the rules say. What is written is never longer than `literals`.
  Written encode(std::span<const uint8_t> literals, std::span<const uint8_t> expected) noexcept;

 private:
  struct Free {
    void operator()(void* memory) const noexcept;
  };

  LiteralEncoder() = default;
  [[nodiscard]] LiteralForm choose(std::span<const uint8_t> literals) noexcept;

  LiteralRules rules_;
  std::unique_ptr<void, Free> memory_;  ///< zstd's, all of it
  ZSTD_CCtx_s* context_ = nullptr;      ///< in memory_
  std::vector<uint8_t> written_;
  std::vector<uint8_t> grouped_;
  uint32_t passed_ = 0;  ///< slabs that looked random since one of those was tried
};

/// The other direction. Takes its memory once.
class LiteralDecoder {
 public:
  static Result<LiteralDecoder> create(const LiteralRules& rules);

  /// Fills all of `literals`. False if `bytes` do not give just so many, whatever a stranger has put there; `literals`
  /// then holds anything. `expected` is what the encoder had.
  bool decode(LiteralForm form, std::span<const uint8_t> bytes, std::span<const uint8_t> expected,
              std::span<uint8_t> literals) noexcept;

 private:
  struct Free {
    void operator()(void* memory) const noexcept;
  };

  LiteralDecoder() = default;

  std::unique_ptr<void, Free> memory_;
  ZSTD_DCtx_s* context_ = nullptr;
  std::unique_ptr<void, Free> dictionary_;  ///< room for what zstd keeps of the expected bytes
  size_t dictionary_bytes_ = 0;
  std::vector<uint8_t> grouped_;
};

}  // namespace pfs::reduce
