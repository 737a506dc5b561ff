#include "stages/run_control.hpp"

#include "base/log.hpp"

namespace pfs {

void RunControl::end(Exit exit, const std::string& why) {
  Exit none = Exit::kDone;
  const bool first = exit != Exit::kDone && exit_.compare_exchange_strong(none, exit);
  const bool was_stopping = stopping_.exchange(true);
  if (farewells_.load() == 0) ending_.store(true);
  if (!why.empty() && (first || !was_stopping)) log_line(why);
}

Exit RunControl::exit() const noexcept {
  const Exit told = exit_.load();
  const std::scoped_lock lock(mutex_);
  return told == Exit::kDone && source_change_ && !source_change_->empty() ? Exit::kSourceChanged : told;
}

void RunControl::set_source(const std::string& change) {
  const std::scoped_lock lock(mutex_);
  source_change_ = change;
}

void RunControl::set_result(const TransferResult& result) {
  const std::scoped_lock lock(mutex_);
  result_ = result;
  result_.present = true;
}

TransferResult RunControl::result() const {
  const std::scoped_lock lock(mutex_);
  TransferResult result = result_;
  result.source_change = source_change_;
  return result;
}

}  // namespace pfs
