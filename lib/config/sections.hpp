#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/node.hpp"
#include "config/pipeline.hpp"

namespace pfs {

// The sections of a pipeline file, each read and checked on its own. `node` is never null.

Result<BlobConfig> read_blob(const Node& node);
Result<std::vector<PortConfig>> read_ports(const Node& node);
Result<std::vector<StreamEntry>> read_streams(const Node& node);
Result<std::vector<ProgramConfig>> read_programs(const Node& node);
Result<std::vector<StageConfig>> read_stages(const Node& node, std::span<const PortConfig> ports);
Result<RuntimeConfig> read_runtime(const Node& node);

/// Edges name stages. The names are checked against `stages`, and so are duplicates, self edges and cycles.
Result<std::vector<EdgeConfig>> read_edges(const Node& node, std::span<const StageConfig> stages);

/// A name has letters, digits, `_` and `-`. A name with a dot could not be reached by --set.
Result<void> check_name(std::string_view what, const std::string& name, const std::string& where);

/// The error of a port or stage that --set made because its name was misspelt: without its `required` key, the remedy
/// is the nearest name in `section`. Any other error as it is.
Error mind_misspelt(Error error, const Node& section, std::string_view name, std::string_view required);

/// The names of ports or stages, for suggest().
template <class Item>
std::vector<std::string_view> names_of(std::span<const Item> items) {
  std::vector<std::string_view> names;
  for (const Item& item : items) names.push_back(item.name);
  return names;
}

}  // namespace pfs
