#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "transport/ack.hpp"

namespace pfs::session {

using transport::Time;

/// Bytes of payload that short control frames have at most: every path must carry these.
constexpr uint32_t kShortPayload = 176;
/// The least that a session's frames may have; a path that carries no more is of no use.
constexpr uint32_t kLeastPayload = 562;  // IPv4's 576 bytes less the header of Ethernet, by which budgets are counted

/// Finds the largest payload that arrives by one path in this end's direction. All likely sizes are tried at once, one
/// short round after another, until the largest has arrived or enough rounds were heard of. Where less than wished for
/// arrives, a round is tried now and then, because a path may get better.
class Sizes {
 public:
  /// `target` is what both ends allow; `proven` has arrived already (0: nothing is known). `hint`: what a router has
  /// called the most, which is used as soon as so much has arrived (0: no router said anything).
  void begin(uint32_t target, uint32_t proven, Time now, uint32_t hint = 0) noexcept;
  /// Somebody says that no more than `hint` arrives. What is used stays in use while the sizes are tried anew (RFC
  /// 8899, section 4.6.1). False if the hint tells nothing, names less than every path must carry, or comes too soon
  /// after another one.
  bool doubt(uint32_t hint, Time now) noexcept;
  /// True if a probe of `bytes` of payload leaves now.
  bool next(Time now, uint32_t& bytes) noexcept;
  /// True once when the last round has ended and nothing more is to be expected: ask usable() and hopeless().
  bool settles() noexcept { return std::exchange(news_, false); }
  /// The peer says that a payload of so many bytes has arrived. True if proven() has become usable, or larger.
  bool on_answer(uint32_t bytes) noexcept;

  /// The largest payload that may be used; 0 as long as it is looked for.
  [[nodiscard]] uint32_t usable() const noexcept {
    if (!settled_) return kept_;
    return proven_ >= kLeastPayload ? proven_ : 0;
  }
  /// Short frames arrive, and those of kLeastPayload do not.
  [[nodiscard]] bool hopeless() const noexcept { return settled_ && proven_ < kLeastPayload; }
  [[nodiscard]] uint32_t target() const noexcept { return target_; }
  [[nodiscard]] uint32_t proven() const noexcept { return proven_; }
  [[nodiscard]] Time due() const noexcept { return due_; }

 private:
  static constexpr std::array<uint32_t, 9> kLikely = {0, 0, 0, 1486, 1458, 1418, 1266, kLeastPayload, kShortPayload};
  [[nodiscard]] uint32_t size(uint32_t index) const noexcept {
    return index == 0 ? target_ : index == 1 ? kept_ : index == 2 ? hint_ : kLikely[index];
  }
  [[nodiscard]] bool wanted(uint32_t bytes) const noexcept;
  void end_round(Time now) noexcept;

  uint32_t target_ = 0;
  uint32_t proven_ = 0;
  uint32_t kept_ = 0;  // in use while it is doubted; 0: nothing is
  uint32_t hint_ = 0;
  uint32_t index_ = kLikely.size();  // of the next size of this round
  uint32_t rounds_ = 0;              // in which something was heard
  uint32_t tried_ = 0;
  bool heard_ = false;  // in this round
  bool settled_ = false;
  bool news_ = false;
  Time doubted_ = 0;
  Time due_ = transport::kNever;
};

}  // namespace pfs::session
