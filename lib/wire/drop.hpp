#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace pfs {

/// Why a frame or a gram was not taken. WIRE.md section 5 has the first nine after kNone; the rest are this receiver's
/// bounds. Each reason is a counter with the name that `name()` gives.
enum class Drop : uint8_t {
  kNone,
  kTruncated,
  kBadVersion,
  kBadUnit,
  kBadRun,
  kBadExtents,
  kOutOfBounds,
  kCrcMismatch,
  kDigestMismatch,  ///< a gram whose digest or counts do not hold; all of its frames count
  kDuplicate,
  kNotPacketfs,       ///< another EtherType
  kBareUnconfigured,  ///< a bare frame on a port without `bare:`
  kUnknownPeer,       ///< a sender more than the table has places for
  kUnknownStream,     ///< a stream that the configuration does not list, or one too many
  kOutOfWindow,       ///< a sequence number further ahead than the hold bound
  kNoGram,            ///< units that denote bytes, but no gram is open for them
  kWrongBlob,         ///< the gram was made over another blob
  kOverLimit,         ///< more descriptors, literal bytes or denoted bytes than a gram may have
  kOverShare,         ///< more than a peer's share: held frames, or denoted bytes of grams that are still worked on
  kIncompleteGram,    ///< frames of a gram whose other frames never came
  kNoMemory,          ///< mbufs or grams dry
  kQueueFull,         ///< an edge with `full: drop` was full
  kTxFull,            ///< the device took no more
  kTooLong,           ///< longer than the port's MTU
  kImpaired,          ///< lost on purpose by an `impair` stage
  kBlackHole,         ///< came to an `impair` stage in a black-hole interval
  kLinkFull,          ///< found no place on the line of an `impair` stage
  kStopped,           ///< still queued when a second signal or an error ended the run
  kUnwanted,          ///< a gram the sink has no use for (no file unit, wrong op)
  kNoPath,            ///< an answer to a port that no edge leads to
  kUnasked,           ///< a RESULT of a gram that did not ask for it, or an address that nobody asked for
  kNoSession,         ///< a frame of no session, where only sessions are served; or its session is over
  kBadChecksum,       ///< the NIC found a wrong IP or UDP checksum, or we that of an ICMP message
};
constexpr size_t kDropCount = static_cast<size_t>(Drop::kBadChecksum) + 1;

constexpr const char* name(Drop drop) noexcept {
  constexpr std::array<const char*, kDropCount> kNames = {
      "none",          "truncated",       "bad_version",     "bad_unit",   "bad_run",      "bad_extents",
      "out_of_bounds", "crc_mismatch",    "digest_mismatch", "duplicate",  "not_packetfs", "bare_unconfigured",
      "unknown_peer",  "unknown_stream",  "out_of_window",   "no_gram",    "wrong_blob",   "over_limit",
      "over_share",    "incomplete_gram", "no_memory",       "queue_full", "tx_full",      "too_long",
      "impaired",      "black_hole",      "link_full",       "stopped",    "unwanted",     "no_path",
      "unasked",       "no_session",      "bad_checksum"};
  return kNames[static_cast<size_t>(drop)];
}
static_assert(name(static_cast<Drop>(kDropCount - 1)) != nullptr, "every reason has a name");

}  // namespace pfs
