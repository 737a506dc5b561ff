#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "transport/ack.hpp"

namespace pfs::sim {

using transport::Time;

/// Flows that share one drop-tail queue in front of a link, and find the way back free.
struct Bottleneck {
  double megabits = 1000;  ///< a second
  Time round_trip = 20 * transport::kMillisecond;
  double queue_bdp = 1;  ///< bytes that may wait, in products of rate and round trip
  double loss = 0;       ///< at random, before the queue
  Time length = 60 * transport::kSecond;
};

struct Competitor {
  bool cubic = false;  ///< TCP cubic, or else one of our senders
  Time start = 0;
};

struct Share {
  double megabits = 0;     ///< of useful bytes, from `from` on
  double sent_useful = 0;  ///< frames sent for each that arrived
};

struct Sharing {
  std::vector<Share> flows;
  double median_queue_ms = 0;  ///< as frames found it, from `from` on
  double dropped = 0;          ///< share of all frames that the queue had no room for
};

/// Runs the flows side by side. What is counted begins at `from`. `seed` shifts the starts by up to a round trip.
Sharing share(const Bottleneck& link, const std::vector<Competitor>& flows, Time from, uint64_t seed);

}  // namespace pfs::sim
