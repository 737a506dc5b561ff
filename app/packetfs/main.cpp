// packetfs: arguments, configuration, graph, run, report.
#include <fmt/format.h>

#include <csignal>
#include <new>

#include "base/log.hpp"
#include "base/printer.hpp"
#include "base/units.hpp"
#include "base/write_file.hpp"
#include "check.hpp"
#include "dpdk/eal.hpp"
#include "dpdk/eal_log.hpp"
#include "options.hpp"
#include "prepare.hpp"
#include "runtime/engine.hpp"
#include "runtime/report.hpp"
#include "signals.hpp"
#include "simd/cpu.hpp"
#include "supervisor.hpp"

namespace {

using namespace pfs;

void introduce(const Engine& engine, const std::vector<std::string>& notes) {
  log_line(fmt::format("pipeline {}, variants for {}", engine.graph().config->path, name(active_isa())));
  print(Stream::kError, engine.description());
  for (const std::string& note : notes) log_line("note: " + note);
  for (const std::string& note : engine.notes()) log_line("note: " + note);
}

Result<Exit> run(const CommandLine& line) {
  if (line.options.check) return check(line);
  Result<Prepared> prepared = prepare(line);
  if (!prepared) return tl::unexpected(prepared.error());
  if (signals_caught() > 0) return interrupted();
  const Result<Eal> eal = Eal::start(prepared->eal);
  if (!eal) return tl::unexpected(eal.error());
  if (signals_caught() > 0) return interrupted();
  if (prepared->eal.simd) limit_simd_bits(eal_simd_bits());
  Result<std::unique_ptr<Engine>> made =
      Engine::create(std::move(prepared->graph), std::move(prepared->files), line.options.drivers);
  if (!made) return tl::unexpected(made.error());
  Engine& engine = **made;
  Supervisor supervisor(engine, line.options);
  if (!line.options.dry_run)
    if (auto started = engine.start(); !started) return tl::unexpected(started.error());
  if (!line.options.dot.empty())
    if (auto drawn = write_file(line.options.dot, to_dot(engine.graph())); !drawn) return tl::unexpected(drawn.error());
  prepared->notes.insert(prepared->notes.end(), eal->notes().begin(), eal->notes().end());
  introduce(engine, prepared->notes);
  if (line.options.dry_run) return Exit::kDone;
  if (engine.blob().data != nullptr)
    log_line(fmt::format("blob {}, root {}", format_bytes(engine.blob().layout.size), to_hex(engine.root())));
  pass_eal_lines_on();
  if (engine.control().ending()) return interrupted();
  log_line("running");
  supervisor.begin();
  engine.run();
  const double seconds = supervisor.stop();
  if (engine.ledger().residual() != 0)
    engine.control().end(Exit::kFailed, "the ledger does not close: frames were lost without a reason");
  if (!line.options.report.empty())
    if (auto written = write_report(engine, seconds, line.options.report); !written)
      return tl::unexpected(written.error());
  return engine.control().exit();
}

}  // namespace

int main(int argc, char** argv) {
  open_standard_streams();
  std::signal(SIGPIPE, SIG_IGN);  // `| head` ends the reading, not the run
  catch_signals();
  const Printer printer;
  const auto line = parse_command_line(argc, argv);
  if (line && !*line) return 0;
  Result<Exit> exit = Exit::kDone;
  try {
    exit = line ? run(**line) : Result<Exit>(tl::unexpected(line.error()));
  } catch (const std::bad_alloc&) {
    exit = fail("", "out of memory while starting", "lower the bounds of the stages (streams, hold_frames, grams)",
                Exit::kFailed);
  }
  if (exit) return static_cast<int>(*exit);
  if (exit.error().exit != Exit::kDone) log_line(exit.error().line());
  return static_cast<int>(exit.error().exit);
}
