#include "stages/file_sink/outcomes.hpp"

#include <algorithm>

namespace pfs {

void Outcomes::verified(const FileIdentity& file, const std::string& name, const FileMark& mark) {
  add({.file = file, .sender = {}, .mark = mark, .name = name});
}

void Outcomes::failed(const FileIdentity& file, const FileSender& sender) {
  add({.file = file, .sender = sender, .mark = {}, .name = {}});
}

void Outcomes::add(Outcome outcome) {
  if (all_.size() == kMost) all_.pop_back();
  all_.push_front(std::move(outcome));
}

Outcomes::Known Outcomes::look_up(const Folder& folder, const FileUnit& unit, const FileSender& sender, bool begins) {
  const auto known = std::find_if(all_.begin(), all_.end(), [&](const Outcome& outcome) {
    return outcome.file.is(unit) && (outcome.mark || outcome.sender == sender);
  });
  if (known == all_.end()) return Known::kNothing;
  if (begins && (!known->mark || folder.mark_of(known->name) != known->mark)) {
    all_.erase(known);
    return Known::kNothing;
  }
  return known->mark ? Known::kVerified : Known::kFailed;
}

}  // namespace pfs
