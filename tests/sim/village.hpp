#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "session/endpoint.hpp"
#include "stages/impair/dice.hpp"
#include "stages/impair/line.hpp"

namespace pfs::sim {

using transport::Time;

/// Frames that one node has for another, in a session of their own, until all are acknowledged.
struct Transfer {
  uint32_t from = 0, to = 1;
  uint32_t streams = 1;
  uint32_t frames = 50;  ///< of each stream
  uint32_t bytes = 300;  ///< of a frame's payload
  uint32_t replies = 0;  ///< a frame comes back for every so many; 0: none
  uint32_t later = 0;    ///< paths that are added when the session is open
  uint32_t drops = 0;    ///< 1: the first path is taken away when all frames have been submitted
  Time start = 0;
};

/// One direction of one path between two nodes, with the faults of an `impair` stage.
struct Way {
  uint32_t from = 0, to = 0, port = 0;
  DiceConfig dice;
  LineConfig line;
};

/// The process loses everything, and another life of it begins after a while.
struct Restart {
  uint32_t node = 0;
  Time at = 0, down = 0;
};

/// One who has no session and wishes nobody well. It sees every frame, and sends its own from its own address or, where
/// it only repeats what it saw, from anybody's.
struct Hostile {
  enum Kind : uint32_t { kRandom = 1, kForged = 2, kHellos = 4, kReplays = 8, kTruncated = 16 };
  uint32_t kinds = 0;
  Time every = 0;  ///< between two of its frames
};

/// A network of processes and what happens to it. A village is drawn from a seed, or read from a script.
struct Village {
  uint64_t seed = 1;
  uint32_t nodes = 2;
  uint32_t ports = 1;
  uint32_t payload = 1500;
  uint32_t sessions = 8, half_open = 4;
  uint32_t stream_frames = 64, frames = 256, held = 64;
  uint64_t bytes = 1 << 20;  ///< denoted, that a receiver may have outstanding
  uint64_t denoted = 1000;   ///< bytes a frame
  Time consume = 0;          ///< that a receiver's owner takes for a frame
  Time hold = 0;             ///< owners hold all sessions back for so long, and as long not; 0: never
  Time faults_end = transport::kSecond;
  Hostile hostile;
  std::vector<Transfer> transfers;
  std::vector<Way> ways;  ///< those with faults, or slow ones; all others take 10 us
  std::vector<Restart> restarts;
};

struct News {
  std::string broken;  ///< the invariant that does not hold, or empty
  Time took = 0;
  uint64_t frames = 0;    ///< on all ways
  uint64_t sessions = 0;  ///< that were opened
  uint64_t delivered = 0;
  session::EndpointCounters counters;  ///< of all nodes, as are the following
  uint64_t nacked = 0, repairs = 0, hostile = 0, restarts = 0, paths_added = 0, paths_dropped = 0, holds = 0;
};

/// Runs to the end: all transfers complete some time after the faults have ended, all sessions are closed and every
/// token has come back; or an invariant is broken. The same village gives the same news.
News live(const Village& village);

/// A village that the seed decides.
Village draw_village(uint64_t seed);

/// A script of a few lines, `# ` begins a comment; parse(write(v)) is v.
std::string write(const Village& village);
Result<Village> parse(const std::string& text);

/// A village with as little as possible in it that still breaks something, found by leaving out and halving.
Village shrink(Village village);

}  // namespace pfs::sim
