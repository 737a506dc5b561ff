#include "simd/sha256_many/digests.hpp"

#include <algorithm>
#include <cassert>

#include "base/endian.hpp"
#include "simd/sha256_many/constants.hpp"
#include "simd/sha256_many/sha256_many.hpp"

namespace pfs {
namespace {

using Bytes = std::span<const uint8_t>;

/// Up to kDigestsAtOnce messages under way: first the block that the head begins, then those that lie whole in the
/// message, then what is left with the padding (FIPS 180-4 section 5.1.1).
class Group {
 public:
  Group(Bytes head, std::span<const Bytes> messages) noexcept : head_(head), messages_(messages) {
    for (size_t i = 0; i < messages.size(); ++i) {
      rest_[i] = messages[i];
      head_waits_[i] = !head.empty();
      std::ranges::copy(simd_detail::kShaStart, streams_[i].state);
    }
  }

  void run(std::span<Sha256Digest> digests) noexcept {
    if (!head_.empty()) hash_first_blocks();
    hash_whole_blocks();
    hash_last_blocks();
    for (size_t i = 0; i < messages_.size(); ++i) {
      for (size_t k = 0; k < 8; ++k) store_be(&digests[i][4 * k], streams_[i].state[k]);
    }
  }

 private:
  void hash(size_t i, const uint8_t* data, uint64_t blocks) noexcept {
    streams_[i].data = data;
    streams_[i].blocks = blocks;
  }
  void run_streams() noexcept { sha256_many(std::span(streams_).first(messages_.size())); }

  void hash_first_blocks() noexcept {
    for (size_t i = 0; i < messages_.size(); ++i) {
      const size_t wanted = kShaBlockBytes - head_.size();
      const bool full = rest_[i].size() >= wanted;
      hash(i, edges_[i], full ? 1 : 0);
      if (!full) continue;
      std::ranges::copy(rest_[i].first(wanted), std::ranges::copy(head_, edges_[i]).out);
      rest_[i] = rest_[i].subspan(wanted);
      head_waits_[i] = false;
    }
    run_streams();
  }

  void hash_whole_blocks() noexcept {
    for (size_t i = 0; i < messages_.size(); ++i) {
      const uint64_t blocks = head_waits_[i] ? 0 : rest_[i].size() / kShaBlockBytes;
      hash(i, rest_[i].data(), blocks);
      rest_[i] = rest_[i].subspan(blocks * kShaBlockBytes);
    }
    run_streams();
  }

  void hash_last_blocks() noexcept {
    for (size_t i = 0; i < messages_.size(); ++i) {
      uint8_t* at = edges_[i];
      if (head_waits_[i]) at = std::ranges::copy(head_, at).out;
      at = std::ranges::copy(rest_[i], at).out;
      *at++ = 0x80;
      const uint64_t bits = (head_.size() + messages_[i].size()) * 8;
      const uint64_t blocks = at + sizeof(bits) <= edges_[i] + kShaBlockBytes ? 1 : 2;
      uint8_t* const length = edges_[i] + blocks * kShaBlockBytes - sizeof(bits);
      std::fill(at, length, uint8_t{0});
      store_be(length, bits);
      hash(i, edges_[i], blocks);
    }
    run_streams();
  }

  Bytes head_;
  std::span<const Bytes> messages_;
  Bytes rest_[kDigestsAtOnce];       ///< the part of each message that is not hashed yet
  bool head_waits_[kDigestsAtOnce];  ///< whether the head of that message is not hashed yet
  ShaStream streams_[kDigestsAtOnce];
  uint8_t edges_[kDigestsAtOnce][2 * kShaBlockBytes];  ///< blocks that do not lie whole in a message
};

}  // namespace

void sha256_digests(Bytes head, std::span<const Bytes> messages, std::span<Sha256Digest> digests) noexcept {
  assert(head.size() < kShaBlockBytes);
  assert(digests.size() >= messages.size());
  for (size_t at = 0; at < messages.size(); at += kDigestsAtOnce) {
    const size_t count = std::min(kDigestsAtOnce, messages.size() - at);
    Group(head, messages.subspan(at, count)).run(digests.subspan(at, count));
  }
}

}  // namespace pfs
