#pragma once

#include <cstdint>
#include <memory>
#include <queue>
#include <random>
#include <string>
#include <vector>

#include "stages/impair/dice.hpp"
#include "stages/impair/line.hpp"
#include "transport/receiver.hpp"
#include "transport/sender.hpp"

namespace pfs::sim {

using transport::Time;

/// One direction of one path: the faults of an `impair` stage, in virtual time (ticks are nanoseconds). What a frame's
/// check would find (corruption, trimming) is loss here.
struct LinkConfig {
  DiceConfig dice;
  LineConfig line;
};

/// What a run is made of. A scenario is drawn from a seed, or written down by a test.
struct Scenario {
  uint32_t streams = 1;
  uint32_t frames = 100;  ///< of each stream
  uint32_t frame_bytes = 1500;
  uint64_t denoted = 65536;       ///< bytes a frame
  Time consume = 0;               ///< that the receiver's owner takes for each frame
  std::vector<LinkConfig> there;  ///< by path, sender to receiver
  std::vector<LinkConfig> back;
  Time faults_end = 2 * transport::kSecond;  ///< from then on links lose nothing
  Time runs = 0, stands = 0;  ///< both ends work so long, then wait so long for a CPU; 0: they never wait
  uint32_t forged_acks = 0;   ///< Acks of a stranger, spread over the run, that speak of anything
  transport::Opening opening;
  transport::SenderConfig sender;
  transport::PathConfig path;  ///< of every path
  transport::ReceiverConfig receiver;
};

struct Outcome {
  std::string broken;      ///< the invariant that does not hold, or empty
  Time took = 0;           ///< until the last frame was acknowledged
  Time longest_pause = 0;  ///< without a delivery
  transport::SenderCounters sender;
  transport::ReceiverCounters receiver;
  uint64_t lost = 0;  ///< frames and Acks, by the links
};

/// Runs a scenario to its end: every frame delivered once, in order, and acknowledged; or an invariant broken. The same
/// scenario and seed give the same outcome.
Outcome run(const Scenario& scenario, uint64_t seed);

/// A scenario with a mix of faults that the seed decides, none and all at once included.
Scenario draw(uint64_t seed);

}  // namespace pfs::sim
