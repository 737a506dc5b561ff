#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/sha256.hpp"
#include "blob/layout.hpp"
#include "wire/drop.hpp"
#include "wire/frame.hpp"

namespace pfs {

/// The units by which two ends keep a session; WIRE.md, section 8, documents their bytes. Every frame of a session
/// begins with CARRY behind its header, and its CRC covers the whole frame.
constexpr uint8_t kCarryTag = 0xE4;    ///< CARRY: whose frame it is, by which path and when it left; a CRC of it all
constexpr uint8_t kSackTag = 0xE5;     ///< SACK: which frames of a stream are here, and what may come
constexpr uint8_t kHelloTag = 0xE6;    ///< HELLO: opens a session, or a further path of one
constexpr uint8_t kWelcomeTag = 0xE7;  ///< WELCOME: answers HELLO
constexpr uint8_t kByeTag = 0xE8;      ///< BYE: ends a session, or refuses one
constexpr uint8_t kRetryTag = 0xE9;    ///< RETRY: answers HELLO where many are half open; say it again with the cookie
constexpr uint8_t kProbeTag = 0xEA;    ///< PROBE: does a frame of this size arrive?

constexpr uint32_t kCarryBytes = 22;      ///< behind tag and length, as the following are
constexpr uint32_t kCarryUnitBytes = 25;  ///< tag and length included: what a session takes of each frame's payload
constexpr uint32_t kSackFixedBytes = 36;  ///< and 8 for each word of the map
constexpr uint32_t kSackWordsMax = 64;
constexpr uint32_t kTermsBytes = 128;  ///< of HELLO
constexpr uint32_t kWelcomeBytes = kTermsBytes + 4;
constexpr uint32_t kByeBytes = 22;
constexpr uint32_t kRetryBytes = 12;
constexpr uint32_t kProbeBytes = 6;

/// CARRY's flags; a frame with another one is refused.
constexpr uint8_t kCarrySequenced = 1;
constexpr uint8_t kCarryPing = 2;

/// The session's clock on the wire: a sender's own time in steps of 64 ns, which wraps after 274 s.
constexpr uint32_t kStampShift = 6;

/// E4 CARRY: u32 crc, u32 session, u8 flags, u8 path, u32 stamp, u64 denoted. `crc` is the CRC-32C (as GRAM_END's) of
/// the payload from the header's first byte to the end of the announced units, with these four bytes zero.
struct CarryUnit {
  uint32_t session =
      0;  ///< number that the receiver of the frame gave the session; 0 in HELLO, and where none is known
  bool sequenced =
      false;  ///< kCarrySequenced: the header's sequence number counts; without it the frame holds control units
  bool ping = false;  ///< kCarryPing: the receiver shall answer with a SACK at once
  uint8_t path = 0;   ///< of the session, as its opener numbers them
  uint32_t stamp = 0;
  uint64_t denoted = 0;  ///< bytes that the frame's references, extents and literals stand for
};

/// E5 SACK: u16 stream, u8 path, u8 pressure, u32 next, u32 frames, u64 bytes, u32 stamp, u32 held, u32 first, u16
/// zero, u16 words, then the words (u64 each; bit i of word w: the frame first + 64 w + i is here).
struct SackUnit {
  uint16_t stream = 0;
  uint8_t path = 0;      ///< by which the answered frame came
  uint8_t pressure = 0;  ///< how far memory and kernels are behind: 0 idle, 255 nothing more is taken
  uint32_t next = 0;
  uint32_t frames = 0;  ///< beyond `next` that there are places for
  uint64_t bytes = 0;   ///< denoted bytes, since the session began, up to which frames may be sent
  uint32_t stamp = 0;   ///< of the answered frame
  uint32_t held = 0;    ///< how long that frame waited for this answer, in steps of 64 ns
  uint32_t first = 0;
  uint32_t words = 0;  ///< of the map, 0 to kSackWordsMax; those behind them mean nothing
  std::array<uint64_t, kSackWordsMax> map{};
};

/// What both ends must agree on, and what each has room for. Part of HELLO and WELCOME: u8 version, u8 digest,
/// u8 window_pow2, u8 path, u64 boot, 32-byte root, u64 size, u64 l1, u64 l2, u64 l3, u32 word, u32 block, u16 streams,
/// u16 zero, u32 payload, u32 frames, u64 bytes, u32 capabilities, u32 session, u64 cookie, u64 nonce.
struct Terms {
  uint8_t version = 1;
  uint8_t digest = 0;  ///< DigestKind that the opener uses
  uint8_t window_pow2 = 16;
  uint8_t path = 0;     ///< which one this frame took
  uint64_t boot = 0;    ///< of the process: another number, another life
  Sha256Digest root{};  ///< of the blob
  Layout layout;
  uint16_t streams = 0;  ///< numbered from 0
  uint32_t payload = 0;  ///< bytes of payload that this end's frames may have on the path
  uint32_t frames = 0;   ///< that may be in flight at first, of each stream
  uint64_t bytes = 0;    ///< that they may denote at first
  uint32_t capabilities = 0;
  uint32_t session = 0;  ///< number that frames to this end shall carry
  uint64_t cookie = 0;   ///< HELLO: from RETRY, or 0
  uint64_t nonce = 0;    ///< HELLO: of this opening, the same when it is said again; WELCOME: repeats it
};

/// E7 WELCOME: the Terms of the one who answers, and u32 opener: the number that HELLO asked for.
struct WelcomeUnit {
  Terms terms;
  uint32_t opener = 0;
};

/// E8 BYE: u8 reason, u8 answer (1: the other end shall say BYE as well), u32 opener, u64 ours, u64 theirs.
struct ByeUnit {
  enum class Reason : uint8_t {
    kDone = 0,
    kVersion = 1,
    kRoot = 2,
    kLayout = 3,
    kBusy = 4,  ///< no session is free; ask again later
    kDenied = 5,
    kUnknown = 6,  ///< a frame of a session that is not there (any more)
    kRestarted = 7,
    kSilent = 8,
    kSize = 9,  ///< frames as long as agreed do not arrive
  };
  Reason reason = Reason::kDone;
  bool answer = false;
  uint32_t opener = 0;  ///< refusals: the number that HELLO asked for; otherwise 0
  uint64_t ours = 0;    ///< what the reason compares: versions, the first 8 bytes of roots, sizes
  uint64_t theirs = 0;
};

constexpr ByeUnit::Reason kByeReasonLast = ByeUnit::Reason::kSize;

/// The reason's name in WIRE.md, section 8.
constexpr const char* name(ByeUnit::Reason reason) noexcept {
  constexpr std::array<const char*, static_cast<size_t>(kByeReasonLast) + 1> kNames = {
      "done", "version", "root", "layout", "busy", "denied", "unknown", "restarted", "silent", "size"};
  return kNames[static_cast<size_t>(reason)];
}
static_assert(name(kByeReasonLast) != nullptr, "every reason has a name");

/// E9 RETRY: u32 opener, u64 cookie.
struct RetryUnit {
  uint32_t opener = 0;
  uint64_t cookie = 0;
};

/// EA PROBE: u8 answer, u8 path, u32 bytes. Padding (END and zeros, within the announced units, so that the CRC covers
/// them) makes the frame's payload `bytes` long. The answer is short and says how long the payload was that arrived.
struct ProbeUnit {
  bool answer = false;
  uint8_t path = 0;
  uint32_t bytes = 0;
};

/// Readers take what stands behind an extension's tag and length; false where the bytes are not exactly of that form:
/// another length, a flag or reason that is not known, something other than 0 where zeros belong. What `out` then holds
/// means nothing. Terms are not judged: another version or an absurd layout has to be read to be refused by its name.
bool read_carry(std::span<const uint8_t> bytes, CarryUnit& out) noexcept;
bool read_sack(std::span<const uint8_t> bytes, SackUnit& out) noexcept;
bool read_hello(std::span<const uint8_t> bytes, Terms& out) noexcept;
bool read_welcome(std::span<const uint8_t> bytes, WelcomeUnit& out) noexcept;
bool read_bye(std::span<const uint8_t> bytes, ByeUnit& out) noexcept;
bool read_retry(std::span<const uint8_t> bytes, RetryUnit& out) noexcept;
bool read_probe(std::span<const uint8_t> bytes, ProbeUnit& out) noexcept;

/// A session's frame, opened: `units` of `frame` begin behind CARRY.
struct Carried {
  Frame frame;
  CarryUnit carry;
};
/// True if the payload begins with a header and CARRY's tag, so that it belongs to a session. Cheap: looks at two
/// bytes.
bool is_carried(std::span<const uint8_t> payload) noexcept;
/// Splits a payload for which is_carried() holds and checks its CRC. `out` is set, and the answer is kNone; kTruncated
/// if only the end is missing (a switch trimmed the frame: nothing vouches for the header and CARRY, and `frame.end` is
/// where the bytes end); or kCrcMismatch. With kBadVersion and kBadUnit (CARRY itself is not whole, or not of its form)
/// `out` means nothing.
Drop open_carried(std::span<const uint8_t> payload, Carried& out) noexcept;

/// Writes CARRY to the 25 bytes behind the header of a whole payload, whose header announces a length that includes
/// CARRY, and sets the CRC.
void seal_carried(std::span<uint8_t> payload, const CarryUnit& carry) noexcept;

}  // namespace pfs
