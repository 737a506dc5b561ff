#include "prepare.hpp"

#include <fmt/format.h>

#include "base/units.hpp"
#include "base/write_file.hpp"
#include "blob/layout.hpp"
#include "captures.hpp"
#include "config/pipeline.hpp"
#include "config/reader.hpp"
#include "dpdk/eal.hpp"
#include "dpdk/memory.hpp"
#include "dpdk/port.hpp"

namespace pfs {
namespace {

constexpr uint64_t kEalOwn = 48 * kMiB;  // queues, rings, EAL's own tables; measured 20 to 40 MiB over memif and af_xdp

/// Drivers are known only once EAL has found the devices; until then a port counts with the usual pool.
uint64_t memory_needed(const Graph& graph) {
  uint64_t bytes = kEalOwn;
  if (graph.config->blob) bytes += graph.config->blob->size;
  for (const PortConfig& port : graph.config->ports) {
    DriverConfig usual;  // with memif's profile, the largest pool of those shipped
    usual.mbufs = 8192;
    usual.mtu = 9000;
    const auto overridden = [&](const char* key, uint32_t usually) {
      const Node* node = port.driver == nullptr ? nullptr : port.driver->find(key);
      return node == nullptr ? usually : static_cast<uint32_t>(parse_number(node->text).value_or(usually));
    };
    usual.mbufs = overridden("mbufs", usual.mbufs);
    usual.mtu = overridden("mtu", usual.mtu);
    bytes += pool_bytes(usual);
  }
  for (const StageNode& stage : graph.stages) bytes += stage.plan->memory_bytes;
  return bytes;
}

Result<std::vector<PlacedFile>> place_blob_files(const PipelineConfig& config) {
  if (!config.blob) return std::vector<PlacedFile>{};
  const Result<Layout> layout = make_layout(config.blob->size, config.blob->block);
  if (!layout) return fail(config.blob->where, layout.error().what, layout.error().hint);
  return place_files(*layout, config.blob->files);
}

}  // namespace

Result<Prepared> prepare(const CommandLine& line) {
  auto config = load_pipeline(line.options.pipeline, line.options.sets);
  if (!config) return tl::unexpected(config.error());
  auto files = place_blob_files(**config);
  if (!files) return tl::unexpected(files.error());
  auto graph = make_graph(*config);
  if (!graph) return tl::unexpected(graph.error());
  for (const std::string& path : {line.options.report, line.options.dot})
    if (auto writable = check_writable(path); !path.empty() && !writable) return tl::unexpected(writable.error());
  const EalWishes wishes = read_eal_wishes(line.eal);
  const uint64_t bytes = memory_needed(*graph);
  if (auto enough = check_memory(bytes, wishes.no_huge); !enough && !wishes.help) return tl::unexpected(enough.error());
  auto notes = check_captures(line.eal);
  if (!notes) return tl::unexpected(notes.error());
  Prepared prepared{
      .graph = std::move(*graph), .files = std::move(*files), .notes = std::move(*notes), .eal = line.eal};
  if (wishes.no_huge && !wishes.amount) {
    prepared.eal.emplace_back("-m");
    prepared.eal.push_back(fmt::format("{}", bytes * 5 / 4 / kMiB));  // a quarter for alignment and elements' headers
  }
  return prepared;
}

}  // namespace pfs
