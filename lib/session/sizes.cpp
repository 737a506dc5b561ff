#include "session/sizes.hpp"

#include <algorithm>

namespace pfs::session {
namespace {

constexpr uint32_t kRounds = 5;  // heard of: where three frames in ten get lost, one size in 30 is passed over wrongly
constexpr Time kFirstRound = 50 * transport::kMillisecond;
constexpr Time kMostRound = 400 * transport::kMillisecond;
constexpr Time kDoubtPause = transport::kSecond;  // between two hints that are tried
constexpr Time kLater = 10 * transport::kSecond;  // after which a path may carry more than before

}  // namespace

void Sizes::begin(uint32_t target, uint32_t proven, Time now, uint32_t hint) noexcept {
  *this = {};
  target_ = target;
  proven_ = std::min(proven, target);
  settled_ = proven_ == target_ && target_ >= kLeastPayload;
  if (settled_) return;
  index_ = 0;
  due_ = now;
  hint_ = hint;
  if (hint_ != 0 && proven_ >= std::max(hint_, kLeastPayload)) {
    settled_ = true;
    due_ = now + kLater;
  }
}

bool Sizes::doubt(uint32_t hint, Time now) noexcept {
  const bool too_soon = doubted_ != 0 && now < doubted_ + kDoubtPause;
  if (!settled_ || too_soon || hint < kLeastPayload || hint >= usable()) return false;
  kept_ = usable();
  hint_ = hint;
  doubted_ = now;
  proven_ = index_ = rounds_ = tried_ = 0;
  settled_ = heard_ = news_ = false;
  due_ = now;
  return true;
}

bool Sizes::next(Time now, uint32_t& bytes) noexcept {
  if (due_ > now) return false;
  if (index_ == kLikely.size()) {
    end_round(now);
    if (due_ > now) return false;
  }
  do bytes = size(index_++);
  while (!wanted(bytes));
  if (index_ == kLikely.size()) due_ = now + (settled_ ? kLater : std::min(kFirstRound << tried_, kMostRound));
  return true;
}

/// The shortest one is tried always: its answer shows that the path carries anything at all.
bool Sizes::wanted(uint32_t bytes) const noexcept {
  if (index_ == kLikely.size()) return true;
  return bytes > proven_ && (index_ == 1 || bytes < target_);
}

void Sizes::end_round(Time now) noexcept {
  index_ = 0;
  tried_ = std::min(tried_ + 1, 4u);
  rounds_ += heard_;
  heard_ = false;
  if (settled_ || rounds_ < kRounds) return;
  settled_ = news_ = true;
  due_ = hopeless() ? transport::kNever : now + kLater;
}

bool Sizes::on_answer(uint32_t bytes) noexcept {
  heard_ = true;
  if (bytes <= proven_ || bytes > target_) return false;
  proven_ = bytes;
  // At the beginning the hint is as good as any size; later it has to hold for longer than that to be believed.
  if (proven_ >= std::max(kept_ != 0 ? kept_ : hint_, kLeastPayload) && (kept_ != 0 || hint_ != 0)) settled_ = true;
  if (proven_ == target_ && target_ >= kLeastPayload) {
    settled_ = true;
    due_ = transport::kNever;
  }
  return settled_;
}

}  // namespace pfs::session
