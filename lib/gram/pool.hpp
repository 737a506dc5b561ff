#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "gram/gram.hpp"

namespace pfs {

/// Grams with their tables and slabs, made once. One lcore takes; any lcore may release.
class GramPool {
 public:
  struct Config {
    uint32_t grams = 64;
    uint32_t descriptors = 16384;  ///< a gram
    uint32_t slab_bytes = 262144;  ///< a gram
  };

  /// Bytes of memory a pool of this shape needs.
  static size_t memory_bytes(const Config& config) noexcept;

  /// `memory`: at least memory_bytes(config), 64-byte aligned, outliving the pool.
  GramPool(const Config& config, std::span<uint8_t> memory);

  /// A cleared gram, or nullptr if all are busy. Looks first at the one behind the last taken: grams finish in order.
  Gram* take() noexcept;

  /// All grams, busy or not, for the thread that takes.
  [[nodiscard]] std::span<Gram> grams() noexcept { return {grams_.get(), count_}; }

  /// Grams in all, busy or not.
  [[nodiscard]] uint32_t size() const noexcept { return static_cast<uint32_t>(count_); }

 private:
  std::unique_ptr<Gram[]> grams_;
  size_t count_ = 0;
  size_t next_ = 0;
};

}  // namespace pfs
