#include "options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>

#include "base/escape.hpp"
#include "base/numbers.hpp"
#include "config/words.hpp"
#include "packetfs_paths.hpp"

namespace pfs {
namespace {

constexpr const char* kUsage = "packetfs [EAL options] -- --pipeline FILE [options]";
constexpr const char* kAbout =
    "PacketFS: packets carry references, the data stays in the blob that both ends hold.\n"
    "packetfs --check looks at the machine; with EAL options and --pipeline, at whether the pipeline fits too.";
constexpr const char* kFooter =
    "EAL options stand before `--`, for instance: -l 0,1 -a 0000:01:00.0 | --vdev NAME,ARG=... | --in-memory | "
    "--no-huge\n"
    "--check prints a line a finding: good, advice (it runs, but slower or less safely), change (it would not run), "
    "and\n"
    "what to type. It ends with 0, or with 1 where something is to change.\n"
    "Exit codes: 0 done, 1 failed, 2 configuration, 3 interrupted before the run began, 4 a device disappeared,\n"
    "20 verification failed, 21 done, but the file that was sent changed meanwhile, 130 second signal.\n"
    "Keys of pipeline files and stages: pipelines/README.md; of driver profiles: drivers-config/README.md.";

const CLI::Validator kSeconds(
    [](const std::string& text) {
      const Result<double> seconds = parse_real(text);
      if (!seconds) return fmt::format("{} seconds: {}", quote(text), seconds.error().line());
      return *seconds >= 0 ? std::string() : fmt::format("{} seconds are fewer than none", quote(text));
    },
    "SECONDS");

void declare(CLI::App& app, Options& options) {
  app.footer(kFooter);
  app.set_version_flag("--version", PACKETFS_VERSION);
  app.add_option("--pipeline", options.pipeline, "the pipeline file (pipelines/*.yaml)");
  app.add_option("--set", options.sets, "a.b=VALUE: overrides a key of the pipeline; VALUE is YAML; may be repeated")
      ->allow_extra_args(false);
  app.add_option("--driver-config", options.drivers, "folder of driver profiles")->capture_default_str();
  app.add_option("--stats-period", options.stats_period, "seconds between statistics; 0: only at the end")
      ->check(kSeconds);
  app.add_option("--duration", options.duration, "seconds after which the run ends; 0: when it is done")
      ->check(kSeconds);
  app.add_option("--report", options.report, "writes results, ledger, stages and ports to this file as JSON");
  app.add_flag("--display-xstats", options.xstats, "prints the devices' extended statistics too");
  app.add_flag("--dry-run", options.dry_run, "checks everything, prints the resolved graph, starts nothing");
  app.add_flag("--check", options.check,
               "looks at hugepages, drivers, CPUs and limits, says what to change, starts nothing");
  app.add_option("--dot", options.dot, "writes the resolved graph to this file for Graphviz");
}

/// A remedy for the command line that CLI11 refused: the option that the first unknown word may have meant.
std::string remedy(const CLI::App& app) {
  const std::string usage = fmt::format("usage: {}; --help lists all options", kUsage);
  const std::vector<std::string> unknown = app.remaining();
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) names.push_back(option->get_name());
  const std::vector<std::string_view> known(names.begin(), names.end());
  const std::string near = unknown.empty() ? "" : suggest(unknown.front(), known, "");
  return near.starts_with("did you mean") ? near : usage;
}

}  // namespace

Result<std::optional<CommandLine>> parse_command_line(int argc, char** argv) {
  std::vector<std::string> all(argv, argv + argc);
  const auto split = std::find(all.begin(), all.end(), "--");
  CommandLine line;
  line.options.drivers = std::filesystem::exists(PACKETFS_DRIVERS_HERE) ? PACKETFS_DRIVERS_HERE : "drivers-config";
  CLI::App app(kAbout, "packetfs [EAL options] --");
  declare(app, line.options);
  // Without `--`, everything is ours if it only asks for help.
  const bool ours = split == all.end();
  std::vector<std::string> own(ours ? all.begin() + 1 : split + 1, all.end());
  line.eal.assign(all.begin(), ours ? all.begin() + 1 : split);
  try {
    std::reverse(own.begin(), own.end());  // CLI11 takes a vector from its back
    app.parse(own);
  } catch (const CLI::Success& asked) {  // --help and --version
    app.exit(asked);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    return fail("",
                ours && argc > 1 ? fmt::format("no `--` between EAL options and packetfs's own ({})", error.what())
                                 : error.what(),
                remedy(app));
  }
  if (line.options.pipeline.empty() && !line.options.check) return fail("", "--pipeline is required", remedy(app));
  return line;
}

}  // namespace pfs
