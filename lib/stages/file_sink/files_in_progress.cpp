#include "stages/file_sink/files_in_progress.hpp"

#include <algorithm>
#include <cassert>

namespace pfs {
namespace {

template <class Wanted>
FileInProgress* find_where(std::span<FileInProgress> places, Wanted wanted) noexcept {
  const auto at = std::find_if(places.begin(), places.end(),
                               [&](const FileInProgress& entry) { return entry.file != nullptr && wanted(entry); });
  return at == places.end() ? nullptr : &*at;
}

}  // namespace

FileInProgress* FilesInProgress::find(const FileSender& sender, const FileUnit& unit) noexcept {
  return find_where(
      places_, [&](const FileInProgress& entry) { return entry.sender == sender && entry.file->identity().is(unit); });
}

FileInProgress* FilesInProgress::find(const Gram& writing) noexcept {
  return find_where(places_, [&](const FileInProgress& entry) { return entry.writing == &writing; });
}

FileInProgress* FilesInProgress::find_abandoned(const FileUnit& unit, uint64_t now, uint64_t ticks) noexcept {
  return find_where(places_, [&](const FileInProgress& entry) {
    return entry.silent(now, ticks) && entry.file->identity().is(unit);
  });
}

size_t FilesInProgress::of_peer(const FileSender& sender) const noexcept {
  return std::count_if(places_.begin(), places_.end(), [&](const FileInProgress& entry) {
    return entry.file != nullptr && entry.sender.is_peer_of(sender);
  });
}

FileInProgress& FilesInProgress::add(std::unique_ptr<IncomingFile> file) noexcept {
  const auto at =
      std::find_if(places_.begin(), places_.end(), [](const FileInProgress& entry) { return entry.file == nullptr; });
  assert(at != places_.end());
  *at = {.file = std::move(file)};
  ++count_;
  return *at;
}

void FilesInProgress::remove(FileInProgress& entry) noexcept {
  entry = {};
  --count_;
}

void FilesInProgress::excuse(uint64_t ticks) noexcept {
  for (FileInProgress& entry : places_) entry.heard += ticks;
}

}  // namespace pfs
