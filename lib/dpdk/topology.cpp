#include "dpdk/topology.hpp"

#include <hwloc.h>
#include <rte_lcore.h>

#include <algorithm>
#include <memory>

namespace pfs {
namespace {

struct Destroy {
  void operator()(hwloc_topology_t topology) const noexcept { hwloc_topology_destroy(topology); }
};
using Topology = std::unique_ptr<std::remove_pointer_t<hwloc_topology_t>, Destroy>;

Topology load(std::string& note) {
  hwloc_topology_t raw = nullptr;
  if (hwloc_topology_init(&raw) != 0) {
    note = "hwloc does not start; NUMA nodes and caches are not considered";
    return nullptr;
  }
  Topology topology(raw);
  if (hwloc_topology_load(raw) == 0) return topology;
  note = "hwloc cannot read this machine; NUMA nodes and caches are not considered";
  return nullptr;
}

int ancestor(hwloc_topology_t topology, hwloc_obj_t pu, hwloc_obj_type_t type) {
  const hwloc_obj_t object = hwloc_get_ancestor_obj_by_type(topology, type, pu);
  return object == nullptr ? 0 : static_cast<int>(object->logical_index);
}

void locate(hwloc_topology_t topology, LcorePlace& place) {
  if (topology == nullptr || place.cpus.empty()) return;
  const hwloc_obj_t pu = hwloc_get_pu_obj_by_os_index(topology, place.cpus.front());
  if (pu == nullptr) return;
  place.core = ancestor(topology, pu, HWLOC_OBJ_CORE);
  place.l2 = ancestor(topology, pu, HWLOC_OBJ_L2CACHE);
  place.l3 = ancestor(topology, pu, HWLOC_OBJ_L3CACHE);
  const int first = hwloc_bitmap_first(pu->nodeset);
  place.node = first < 0 ? 0 : first;
}

}  // namespace

std::vector<LcorePlace> read_topology(std::string& note) {
  const Topology topology = load(note);
  std::vector<LcorePlace> places;
  for (unsigned lcore = 0; lcore < RTE_MAX_LCORE; ++lcore) {
    if (rte_lcore_is_enabled(lcore) == 0) continue;
    LcorePlace place{.lcore = lcore, .main = lcore == rte_get_main_lcore(), .cpus = {}};
    const rte_cpuset_t cpus = rte_lcore_cpuset(lcore);
    for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu)
      if (CPU_ISSET(cpu, &cpus)) place.cpus.push_back(cpu);
    locate(topology.get(), place);
    places.push_back(std::move(place));
  }
  return places;
}

bool share_cpu(const LcorePlace& a, const LcorePlace& b) {
  return std::any_of(a.cpus.begin(), a.cpus.end(),
                     [&](unsigned cpu) { return std::find(b.cpus.begin(), b.cpus.end(), cpu) != b.cpus.end(); });
}

}  // namespace pfs
