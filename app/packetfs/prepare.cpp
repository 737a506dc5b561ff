#include "prepare.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "base/escape.hpp"
#include "base/units.hpp"
#include "base/write_file.hpp"
#include "blob/layout.hpp"
#include "captures.hpp"
#include "config/driver.hpp"
#include "config/pipeline.hpp"
#include "dpdk/left_behind.hpp"
#include "dpdk/memory.hpp"
#include "dpdk/port.hpp"
#include "dpdk/vdev.hpp"
#include "machine/memory.hpp"
#include "stages/reply.hpp"

namespace pfs {
namespace {

constexpr uint64_t kEalOwn = 48 * kMiB;  // queues, rings, EAL's own tables; measured 20 to 40 MiB over memif and af_xdp

/// EAL finds out which driver serves a port; until then a port counts with the profile of the driver that its device's
/// name tells, or with the largest pool of all profiles.
uint64_t pool_needed(const Graph& graph, const PortConfig& port, const std::vector<DriverConfig>& profiles) {
  const DriverConfig* const named = find_driver(profiles, port.device);
  uint64_t most = 0;
  for (const DriverConfig& profile : profiles) {
    if (named != nullptr && named != &profile) continue;
    Result<DriverConfig> driver = override_driver(profile, port.driver);
    if (!driver) continue;
    driver->mbufs += mbufs_held(graph, port.name);
    most = std::max(most, pool_bytes(*driver, kReplyBytesMax));
  }
  return most;
}

uint64_t memory_needed(const Graph& graph, const std::vector<DriverConfig>& profiles) {
  uint64_t bytes = kEalOwn;
  if (graph.config->blob) bytes += graph.config->blob->size;
  for (const PortConfig& port : graph.config->ports) bytes += pool_needed(graph, port, profiles);
  for (const StageNode& stage : graph.stages) bytes += stage.plan->memory_bytes;
  return bytes;
}

Result<std::vector<PlacedFile>> place_blob_files(const PipelineConfig& config) {
  if (!config.blob) return std::vector<PlacedFile>{};
  const Result<Layout> layout = make_layout(config.blob->size, config.blob->block);
  if (!layout) return fail(config.blob->where, layout.error().what, layout.error().hint);
  return place_files(*layout, config.blob->files);
}

/// EAL reads both, and without them ends in a panic or in a riddle.
Result<void> check_mounts(const Tree& tree) {
  if (!tree.has("proc/self/status"))
    return fail("/proc", "it is not mounted, and EAL reads the machine's memory there", "mount -t proc proc /proc");
  if (!tree.has("sys/devices/system/cpu"))
    return fail("/sys", "it is not mounted, and EAL reads the machine's CPUs there", "mount -t sysfs sysfs /sys");
  return {};
}

/// Takes away what killed runs left: sockets, and hugepages in files, which count as free then.
void take_back(const Tree& tree, Prepared& prepared) {
  std::vector<std::string>& notes = prepared.notes;
  for (const std::string& socket : prepared.dead_sockets)
    if (unlink(socket.c_str()) == 0)
      notes.push_back(fmt::format("{}: a socket on which nobody listens any more was taken away", escape(socket)));
  if (prepared.eal.no_huge) return;
  for (const HugeMount& mount : huge_mounts(tree))
    if (const uint64_t bytes = take_back_hugepages(mount.folder); bytes != 0)
      notes.push_back(fmt::format("{}: {} of hugepages that a killed run left there were taken back", mount.folder,
                                  format_bytes(bytes)));
}

}  // namespace

Result<Prepared> plan(const CommandLine& line) {
  auto config = load_pipeline(line.options.pipeline, line.options.sets);
  if (!config) return tl::unexpected(config.error());
  auto files = place_blob_files(**config);
  if (!files) return tl::unexpected(files.error());
  auto graph = make_graph(*config);
  if (!graph) return tl::unexpected(graph.error());
  for (const std::string& path : {line.options.report, line.options.dot})
    if (auto writable = check_writable(path); !path.empty() && !writable) return tl::unexpected(writable.error());
  auto profiles = load_drivers(line.options.drivers);
  if (!profiles) return tl::unexpected(profiles.error());
  auto eal = read_eal_arguments(line.eal);
  if (!eal) return tl::unexpected(eal.error());
  complete_vdevs(*eal, *profiles);
  auto notes = check_captures(eal->devices, *profiles);
  if (!notes) return tl::unexpected(notes.error());
  auto sockets = check_vdevs(eal->devices, *profiles);
  if (!sockets) return tl::unexpected(sockets.error());
  Prepared prepared{.graph = std::move(*graph),
                    .files = std::move(*files),
                    .notes = std::move(*notes),
                    .profiles = std::move(*profiles),
                    .dead_sockets = std::move(*sockets),
                    .eal = std::move(*eal)};
  prepared.bytes = memory_needed(prepared.graph, prepared.profiles);
  if (prepared.eal.no_huge && !prepared.eal.amount) {
    prepared.eal.words.emplace_back("-m");
    prepared.eal.words.push_back(
        fmt::format("{}", prepared.bytes * 5 / 4 / kMiB));  // a quarter more, for alignment and elements' heads
  }
  return prepared;
}

Result<Prepared> prepare(const CommandLine& line) {
  auto prepared = plan(line);
  if (!prepared || prepared->eal.help) return prepared;
  const Tree tree;
  if (auto mounted = check_mounts(tree); !mounted) return tl::unexpected(mounted.error());
  take_back(tree, *prepared);
  if (auto enough = check_memory(tree, prepared->eal, prepared->bytes); !enough) return tl::unexpected(enough.error());
  return prepared;
}

}  // namespace pfs
