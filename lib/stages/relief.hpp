#pragma once

#include <cstddef>

namespace pfs {

/// The lcore of a stage that has to wait. Whatever a stage waits for (room in a ring, a free gram, an mbuf, a device)
/// may be held by other stages of the same lcore, so the lcore serves them in the meantime, and every wait looks at the
/// end of the run:
///
///   while (nothing has come yet)
///     if (!relief.relieve(place)) return;  // the run is abandoned, and nothing will come
class Relief {
 public:
  virtual ~Relief() = default;
  /// Serves the rings and the polls of all stages of the lcore once, except those that are in the middle of a call.
  /// Where nothing moves, the CPU is given away now and then, because the other end may need this very one. `place`:
  /// the waiting stage's place in the graph's order. False once the run is abandoned: then the stage stops waiting.
  [[nodiscard]] virtual bool relieve(size_t place) noexcept = 0;
};

}  // namespace pfs
