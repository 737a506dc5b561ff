#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "stages/file_sink/existing_file.hpp"
#include "stages/file_sink/file_sender.hpp"
#include "stages/file_sink/incoming_file.hpp"

namespace pfs {

/// A file that a sender announces while one of its name and size is in the folder already.
struct Comparison {
  std::unique_ptr<ExistingFile> existing;
  FileIdentity identity;
  FileSender sender;
  Asker asker;  ///< the last gram
};

/// The comparisons that are under way: one after the other, a piece of a file at a time.
class Comparisons {
 public:
  /// The comparison for what this sender announces, or null.
  Comparison* find(const FileSender& sender, const FileUnit& unit) noexcept {
    const auto at = std::find_if(all_.begin(), all_.end(),
                                 [&](const Comparison& one) { return one.sender == sender && one.identity.is(unit); });
    return at == all_.end() ? nullptr : &*at;
  }
  void add(Comparison comparison) { all_.push_back(std::move(comparison)); }
  void clear() noexcept { all_.clear(); }
  /// How many are for the peer that has this sender.
  [[nodiscard]] size_t of_peer(const FileSender& sender) const noexcept {
    return std::count_if(all_.begin(), all_.end(),
                         [&](const Comparison& one) { return one.sender.is_peer_of(sender); });
  }
  [[nodiscard]] size_t count() const noexcept { return all_.size(); }

  /// The next piece, which `room` has to hold. Returns a comparison that has come to its end, and whether the two files
  /// are the same.
  std::optional<std::pair<Comparison, bool>> step(std::span<uint8_t> room) {
    if (all_.empty()) return std::nullopt;
    const std::optional<bool> same = all_.front().existing->compare(all_.front().identity.sha256, room);
    if (!same) return std::nullopt;
    std::pair<Comparison, bool> done(std::move(all_.front()), *same);
    all_.pop_front();
    return done;
  }

 private:
  std::deque<Comparison> all_;
};

}  // namespace pfs
