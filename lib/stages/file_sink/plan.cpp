#include <sys/stat.h>

#include <algorithm>

#include "base/escape.hpp"
#include "config/reader.hpp"
#include "stages/file_sink/file_sink.hpp"

namespace pfs {
namespace {

struct FileSinkPlan final : StagePlan {
  FileSinkConfig sink;
  std::shared_ptr<const Folder> folder;

  [[nodiscard]] Result<void> check(const StageEnv& env) const override { return need_blob(env); }
  Result<std::unique_ptr<Stage>> create(const StageEnv& env) override {
    return std::make_unique<FileSink>(env, sink, folder);
  }
};

/// The permissions that a file made by this process gets. Changes the umask for a moment, so it is called before there
/// are other threads.
mode_t usual_mode() {
  const mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

bool is_file_name(const std::string& name) {
  return name != "." && name != ".." && name.size() <= kFileNameMax && name.find('/') == std::string::npos;
}

Result<std::unique_ptr<StagePlan>> parse(const StageConfig& config) {
  auto plan = std::make_unique<FileSinkPlan>();
  Reader reader(&config.node, "stage '" + config.name + "'");
  plan->blocks = true;
  plan->port = reader.text("port", "");
  plan->reads_grams = true;
  const std::string path = reader.required_text("folder");
  IncomingConfig& incoming = plan->sink.incoming;
  incoming.name = reader.text("name", "");
  incoming.overwrite = reader.flag("overwrite", incoming.overwrite);
  incoming.mode = usual_mode();
  plan->sink.files = reader.number("files", plan->sink.files, 1, 1024);
  plan->sink.peer_files = reader.number("peer_files", std::max<uint64_t>(1, plan->sink.files / 2), 1, 1024);
  plan->sink.timeout_s = reader.number("timeout_s", plan->sink.timeout_s, 1, 86400);
  plan->sink.once = reader.flag("once", plan->sink.once);
  if (!is_file_name(incoming.name))
    reader.reject("name", quote(incoming.name) + " is not the name of a file", "the folder goes into `folder`");
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());

  Result<Folder> folder = Folder::open(path, reader.where("folder"));
  if (!folder) return tl::unexpected(folder.error());
  plan->folder = std::make_shared<const Folder>(std::move(*folder));
  if (incoming.name.empty()) return plan;
  if (auto taken = plan->folder->check_free(incoming.name, incoming.overwrite); !taken)
    return fail(reader.where("name"), taken.error().where + " " + taken.error().what, taken.error().hint);
  return plan;
}

const RegisterStage kRegistered({.name = "file_sink",
                                 .takes = {Item::kGram},
                                 .gives = {Item::kFrame},
                                 .output_optional = true,
                                 .answers = true,
                                 .parse = parse});

}  // namespace
}  // namespace pfs
