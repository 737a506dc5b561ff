#include "stages/completions.hpp"

namespace pfs {

void tell(const Completions& completions, uint64_t ticks_per_second, StageFigures& out) {
  const double nanoseconds = 1e9 / static_cast<double>(ticks_per_second);
  const auto add = [&](const char* name, auto ticks) {
    out.emplace_back(name, Figure::Unit::kNanoseconds, Figure::Kind::kGauge, [&completions, nanoseconds, ticks] {
      return static_cast<uint64_t>(static_cast<double>(ticks(completions)) * nanoseconds);
    });
  };
  add("completion_p50", [](const Completions& all) { return all.within(500); });
  add("completion_p99", [](const Completions& all) { return all.within(990); });
  add("completion_p999", [](const Completions& all) { return all.within(999); });
  add("completion_max", [](const Completions& all) { return all.longest(); });
}

}  // namespace pfs
