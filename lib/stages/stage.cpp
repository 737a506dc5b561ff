#include "stages/stage.hpp"

#include <map>

namespace pfs {
namespace {

std::map<std::string, StageKind>& kinds() {
  static std::map<std::string, StageKind> all;  // filled by static objects, so it must come to life on first use
  return all;
}

}  // namespace

const StageKind* find_stage_kind(const std::string& name) {
  const auto found = kinds().find(name);
  return found == kinds().end() ? nullptr : &found->second;
}

std::vector<std::string> stage_kind_names() {
  std::vector<std::string> names;
  for (const auto& [name, kind] : kinds()) names.push_back(name);
  return names;
}

Result<void> need_blob(const StageEnv& env) {
  if (env.blob.layout.size != 0) return {};
  return fail(env.where, "stage '" + env.name + "' needs a blob, and there is none", "add `blob: {size: 64MiB}`");
}

RegisterStage::RegisterStage(StageKind kind) {
  const std::string name = kind.name;
  kinds().emplace(name, std::move(kind));
}

}  // namespace pfs
