#pragma once

#include <random>
#include <vector>

#include "node.hpp"
#include "village.hpp"

namespace pfs::sim {

/// Makes the frames of one who wishes nobody well.
class Stranger {
 public:
  Stranger(const Hostile& hostile, uint8_t number, uint32_t nodes, uint64_t seed)
      : hostile_(hostile), number_(number), nodes_(nodes), random_(seed) {}

  /// A frame that others sent, as it was on the wire.
  void see(const session::Packet& packet);
  /// The next frame of its own, to some node.
  session::Packet speak();

 private:
  session::Packet random_bytes();
  session::Packet forged();
  session::Packet hello();
  session::Packet replayed(bool truncated);
  [[nodiscard]] uint8_t some_node() { return static_cast<uint8_t>(random_() % nodes_); }

  Hostile hostile_;
  uint8_t number_;
  uint32_t nodes_;
  std::mt19937_64 random_;
  std::vector<session::Packet> seen_;
};

}  // namespace pfs::sim
