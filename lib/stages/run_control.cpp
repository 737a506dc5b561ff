#include "stages/run_control.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace pfs {

void RunControl::end(Exit exit, const std::string& why) {
  Exit none = Exit::kDone;
  const bool first = exit != Exit::kDone && exit_.compare_exchange_strong(none, exit);
  const bool was_stopping = stopping_.exchange(true);
  if (farewells_.load() == 0) ending_.store(true);
  if (!why.empty() && (first || !was_stopping)) log_line(why);
}

void RunControl::work_done(Exit exit, const std::string& why) {
  if (works_.fetch_sub(1) == 1) return end(exit, why);
  Exit none = Exit::kDone;
  if (exit != Exit::kDone) exit_.compare_exchange_strong(none, exit);
  if (!why.empty()) log_line(why);
}

Exit RunControl::exit() const noexcept {
  const Exit told = exit_.load();
  const std::scoped_lock lock(mutex_);
  const auto changed = [](const auto& source) { return !source.second.empty(); };
  const bool any = std::any_of(source_changes_.begin(), source_changes_.end(), changed);
  return told == Exit::kDone && any ? Exit::kSourceChanged : told;
}

void RunControl::set_source(size_t place, const std::string& change) {
  const std::scoped_lock lock(mutex_);
  source_changes_[place] = change;
}

void RunControl::add_file(const FileEnd& file) {
  const std::scoped_lock lock(mutex_);
  Ended& ended = file.received ? received_ : sent_;
  TransferResult& sum = ended.sum;
  ended.begun = sum.present ? std::min(ended.begun, file.begun) : file.begun;
  sum.verified = file.verified && (sum.verified || !sum.present);
  sum.present = true;
  sum.bytes += file.bytes;
  sum.wire_bytes += file.wire_bytes;
  sum.referenced_bytes += file.referenced_bytes;
  sum.seconds = file.ended - ended.begun;
  sum.file = file.file;
  sum.sha256 = file.sha256;
  ++sum.files_ended;
  sum.files_verified += file.verified ? 1 : 0;
  if (sum.files.size() == kFilesListed) sum.files.erase(sum.files.begin());
  sum.files.push_back(file);
}

TransferResult RunControl::result() const {
  const std::scoped_lock lock(mutex_);
  TransferResult result = received_.sum.present ? received_.sum : sent_.sum;
  for (const auto& [place, change] : source_changes_) {
    if (!result.source_change) result.source_change.emplace();
    if (change.empty()) continue;
    *result.source_change += (result.source_change->empty() ? "" : "; ") + change;
  }
  return result;
}

}  // namespace pfs
