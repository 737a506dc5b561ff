#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "gram/builder.hpp"
#include "rig.hpp"

namespace pfs::test {

/// Keeps what was built. Each frame has exactly the mtu's bytes on the heap: a byte behind them is the sanitizer's to
/// see. Refuses the frame numbered `dry`.
class Frames final : public FrameSink {
 public:
  explicit Frames(uint32_t mtu, size_t dry = SIZE_MAX) : mtu_(mtu), dry_(dry) {}
  std::span<uint8_t> open() noexcept override {
    EXPECT_EQ(room_, nullptr) << "opened before the one before was closed";
    if (payloads.size() == dry_) return {};
    room_ = std::make_unique<uint8_t[]>(mtu_);
    return {room_.get(), mtu_};
  }
  void close(uint32_t bytes) noexcept override {
    EXPECT_NE(room_, nullptr);
    EXPECT_LE(bytes, mtu_);
    if (bytes > 0) payloads.emplace_back(room_.get(), room_.get() + bytes);
    room_ = nullptr;
  }
  [[nodiscard]] size_t bytes() const {
    size_t sum = 0;
    for (const Bytes& payload : payloads) sum += payload.size();
    return sum;
  }
  [[nodiscard]] bool open_now() const { return room_ != nullptr; }
  std::vector<Bytes> payloads;

 private:
  uint32_t mtu_;
  size_t dry_;
  std::unique_ptr<uint8_t[]> room_;
};

using Table = std::vector<Descriptor>;

inline Table merged(const Table& table) {
  Table out;
  for (const Descriptor& range : table) {
    if (!out.empty() && out.back().space == range.space && out.back().offset + out.back().length == range.offset) {
      out.back().length = out.back().length + range.length;
    } else {
      out.push_back(range);
    }
  }
  return out;
}

inline const BlobView kBlob{.layout = {.size = kBlobBytes}, .id = kBlobId};

}  // namespace pfs::test
