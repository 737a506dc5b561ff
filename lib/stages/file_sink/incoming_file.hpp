#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/descriptor.hpp"
#include "base/result.hpp"
#include "base/sha256.hpp"
#include "gram/digest.hpp"
#include "stages/file_sink/coverage.hpp"
#include "stages/file_sink/denoted_copy.hpp"
#include "stages/file_sink/part_file.hpp"
#include "wire/drop.hpp"
#include "wire/extension.hpp"

namespace pfs {

/// How a file is put into its folder.
struct IncomingConfig {
  std::string name;  ///< empty: the name that the sender gives
  bool overwrite = false;
  mode_t mode = 0644;
  PartFile::Naming naming = PartFile::Naming::kUnnamedIfPossible;
};

/// A copy of what a sender says of a file.
struct FileIdentity {
  std::string name;
  uint64_t size = 0;
  Sha256Digest sha256{};

  bool operator==(const FileIdentity&) const = default;
  explicit FileIdentity(const FileUnit& unit) : name(unit.name), size(unit.size), sha256(unit.sha256) {}
  [[nodiscard]] bool is(const FileUnit& unit) const noexcept {
    return size == unit.size && sha256 == unit.sha256 && name == unit.name;
  }
};

/// What a gram's sender says of the bytes that the gram denotes, and where they lie.
struct DenotedBytes {
  std::span<const Descriptor> pieces;
  const uint8_t* blob = nullptr;
  const uint8_t* slab = nullptr;
  uint64_t bytes = 0;  ///< of all pieces together
  DigestKind digest_kind = DigestKind::kNone;
  uint64_t digest = 0;
};

/// A file that comes gram by gram, in any order. Each gram is copied once, and the same copy is held against the gram's
/// digest, written at its place and hashed, whoever writes the blob meanwhile. The file knows exactly which of its
/// bytes are there: those of grams whose digest held. Bytes that are there are never written again. The file is gone
/// without a trace unless commit() put it in place. Its functions may wait for the disk.
class IncomingFile {
 public:
  /// `folder` outlives the file. Errors: the name is taken, there is not enough room on the disk.
  static Result<std::unique_ptr<IncomingFile>> create(const Folder& folder, const IncomingConfig& config,
                                                      const FileUnit& unit);

  /// Begins with a gram for `offset`. Returns kNone if take_slice() shall be called; kUnwanted if its bytes lie beyond
  /// the file's end, kDuplicate if all of them are there already. Drops the gram in progress, if there is one.
  Drop begin(uint64_t offset, const DenotedBytes& denoted) noexcept;

  /// Copies the next slice of the gram into `room`, which files may share, checks the slice and writes it. Returns
  /// nothing while more slices follow, and then what became of the gram: kNone, kDigestMismatch, or kOverLimit if the
  /// file would be too scattered. Errors are the disk's.
  Result<std::optional<Drop>> take_slice(std::span<uint8_t> room);
  static constexpr uint64_t kSliceBytes = 256 << 10;  ///< the default gram; half of an L2 cache, where a slice stays

  /// Forgets the gram in progress. Its bytes do not count as there.
  void drop_gram() noexcept { gram_.reset(); }

  [[nodiscard]] bool whole() const noexcept { return covered_.bytes() == identity_.size; }
  [[nodiscard]] uint64_t bytes() const noexcept { return covered_.bytes(); }

  /// Of a whole file: true if the file has the SHA-256 that its sender named. Ends the hash; call it once.
  [[nodiscard]] bool verify() { return hash_.finish() == identity_.sha256; }
  /// Puts the file in place.
  Result<void> commit() { return part_.commit(config_.overwrite); }

  [[nodiscard]] const FileIdentity& identity() const noexcept { return identity_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }    ///< in the folder
  [[nodiscard]] const std::string& place() const noexcept { return place_; }  ///< for people

 private:
  /// The gram in progress.
  struct Incoming {
    uint64_t offset;  // in the file
    DenotedBytes denoted;
    DenotedCopy copy;
    Digest digest;
    uint64_t done = 0;  // bytes written
  };

  IncomingFile(const Folder& folder, const IncomingConfig& config, const FileUnit& unit, PartFile part,
               const std::string& name);
  Result<void> write_missing(uint64_t offset, std::span<const uint8_t> bytes);
  Result<Drop> finish_gram(std::span<const uint8_t> last_slice, std::span<uint8_t> room);
  Result<void> hash_up_to(uint64_t end, std::span<uint8_t> room);

  IncomingConfig config_;
  FileIdentity identity_;
  std::string name_;
  std::string place_;
  PartFile part_;
  Coverage covered_;
  std::optional<Incoming> gram_;
  Sha256 hash_;
  uint64_t hashed_ = 0;  // bytes from 0 that hash_ has seen
};

}  // namespace pfs
