#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/descriptor.hpp"
#include "base/result.hpp"
#include "base/sha256.hpp"
#include "stages/file_sink/coverage.hpp"
#include "stages/file_sink/part_file.hpp"
#include "wire/drop.hpp"
#include "wire/extension.hpp"

namespace pfs {

/// How a file is put into its folder.
struct IncomingConfig {
  std::string name;  ///< empty: the sender's
  bool overwrite = false;
  mode_t mode = 0644;
  PartFile::Naming naming = PartFile::Naming::kUnnamedIfPossible;
};

/// What a sender says of a file, kept.
struct FileIdentity {
  std::string name;
  uint64_t size = 0;
  Sha256Digest sha256{};

  explicit FileIdentity(const FileUnit& unit) : name(unit.name), size(unit.size), sha256(unit.sha256) {}
  [[nodiscard]] bool is(const FileUnit& unit) const noexcept {
    return size == unit.size && sha256 == unit.sha256 && name == unit.name;
  }
};

/// A file that comes piece by piece, in any order: writes each piece at its place, knows exactly which bytes are there,
/// and hashes them as they come. Gone without a trace unless finish() put it in place. May wait for the disk.
class IncomingFile {
 public:
  /// `folder` outlives it. Errors: the name is taken, there is not enough room on the disk.
  static Result<std::unique_ptr<IncomingFile>> create(const Folder& folder, const IncomingConfig& config,
                                                      const FileUnit& unit);

  /// Writes `bytes` denoted bytes at `offset`. kNone when they are written; kUnwanted if they lie beyond the file's
  /// end; kDuplicate if all of them were there; kOverLimit if the file would be too scattered. An error is the disk's.
  Result<Drop> put(uint64_t offset, uint64_t bytes, std::span<const Descriptor> pieces, const uint8_t* blob,
                   const uint8_t* slab);

  [[nodiscard]] bool whole() const noexcept { return covered_.bytes() == identity_.size; }
  [[nodiscard]] uint64_t bytes() const noexcept { return covered_.bytes(); }

  /// Of a whole file: true if it has the SHA-256 that its sender named.
  Result<bool> verify();
  /// Puts it in place.
  Result<void> commit() { return part_.commit(config_.overwrite); }

  [[nodiscard]] const FileIdentity& identity() const noexcept { return identity_; }
  [[nodiscard]] const std::string& place() const noexcept { return place_; }

 private:
  IncomingFile(const Folder& folder, const IncomingConfig& config, const FileUnit& unit, PartFile part,
               const std::string& name);
  Result<void> write(uint64_t offset, std::span<const Descriptor> pieces, const uint8_t* blob, const uint8_t* slab);
  Result<void> hash_up_to(uint64_t end);

  IncomingConfig config_;
  FileIdentity identity_;
  std::string place_;
  PartFile part_;
  Coverage covered_;
  Sha256 hash_;
  uint64_t hashed_ = 0;     // bytes from 0 that hash_ has seen
  bool rewritten_ = false;  // some of these were written again since: only the file itself can tell
  std::vector<uint8_t> buffer_;
};

}  // namespace pfs
