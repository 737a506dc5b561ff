#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/sha256.hpp"
#include "blob/fill.hpp"
#include "blob/view.hpp"
#include "dpdk/port.hpp"
#include "dpdk/port_meter.hpp"
#include "runtime/graph.hpp"
#include "runtime/ledger.hpp"
#include "runtime/program_compiler.hpp"
#include "runtime/worker.hpp"
#include "stages/backlog.hpp"
#include "stages/output.hpp"
#include "stages/run_control.hpp"

namespace pfs {

/// The error of a run that a signal ended before it began.
inline tl::unexpected<Error> interrupted() { return fail("", "interrupted before it ran", "", Exit::kInterrupted); }

/// A pipeline on this machine: ports, blob, stages, edges and lcores. EAL must be up.
///   create() finds ports and places stages, start() allocates and starts, run() works until the end, then all stops.
class Engine {
 public:
  static Result<std::unique_ptr<Engine>> create(Graph graph, std::vector<PlacedFile> files,
                                                const std::string& driver_folder);
  ~Engine();

  /// Blob, stages, edges, ports, links: nothing runs if anything fails.
  Result<void> start();

  /// Runs the worker loops on their lcores (this thread is the main lcore's) until every stage has finished.
  void run();

  [[nodiscard]] RunControl& control() noexcept { return control_; }
  [[nodiscard]] const RunControl& control() const noexcept { return control_; }
  [[nodiscard]] const Graph& graph() const noexcept { return graph_; }
  [[nodiscard]] const std::vector<Port>& ports() const noexcept { return ports_; }
  /// A port's counters since it was started, which the call reads from the device. One thread at a time.
  const PortStats& port_stats(size_t index) noexcept { return meters_[index].look(ports_[index]); }
  /// Keeps the stages from a port's device, which has gone. The port is under `link: wait`.
  void pause_port(size_t index) noexcept { ports_[index].gate->close(); }
  /// Whether no stage is in a call of the paused port's device any more, so that resume_port() may be called.
  [[nodiscard]] bool is_port_idle(size_t index) const noexcept { return ports_[index].gate->empty(); }
  /// Attaches the port's device anew and lets the stages use it again. After an error the port remains paused. The
  /// thread that reads port_stats() calls this.
  Result<void> resume_port(size_t index);
  /// Lets the stages look at what takes system calls. One thread at a time.
  void look_outside() noexcept {
    for (const auto& stage : stages_) stage->look_outside();
  }
  [[nodiscard]] const Stage& stage(size_t index) const noexcept { return *stages_[index]; }
  [[nodiscard]] const StageFigures& figures(size_t index) const noexcept { return figures_[index]; }
  [[nodiscard]] const std::deque<Worker>& workers() const noexcept { return workers_; }
  [[nodiscard]] const std::vector<std::string>& notes() const noexcept { return notes_; }
  [[nodiscard]] const BlobView& blob() const noexcept { return blob_; }
  [[nodiscard]] const Sha256Digest& root() const noexcept { return root_; }
  [[nodiscard]] std::string description() const { return describe(graph_, lcores_); }
  [[nodiscard]] Ledger ledger() const;

 private:
  Engine() = default;
  Result<void> check();
  Result<void> check_mbufs();
  StageEnv env_of(size_t stage);
  Result<void> make_blob();
  Result<void> make_stages();
  Result<void> connect();
  Result<void> start_ports();
  Result<void> compile_programs();
  Worker& worker_of(unsigned lcore);
  Output* output_of(size_t stage, Item item);

  Graph graph_;
  std::vector<PlacedFile> files_;
  std::vector<LcorePlace> lcores_;
  std::vector<std::string> notes_;
  std::vector<Port> ports_;
  std::vector<PortMeter> meters_;
  BlobView blob_;
  Sha256Digest root_{};
  std::vector<Grant> grants_;
  RunControl control_;
  Backlog backlog_;
  ProgramCompiler compiler_;  // before the stages, which run its code
  std::vector<std::unique_ptr<Stage>> stages_;
  std::vector<StageFigures> figures_;  // of each stage
  std::deque<Edge> edges_;
  std::deque<Output> outputs_;
  std::deque<StageSlot> slots_;
  std::deque<Worker> workers_;
};

}  // namespace pfs
