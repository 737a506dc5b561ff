#include "dpdk/eal.hpp"

#include <fmt/format.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>

#include <csetjmp>
#include <csignal>
#include <cstdio>
#include <optional>
#include <utility>

#include "base/printer.hpp"
#include "dpdk/eal_cause.hpp"
#include "dpdk/eal_log.hpp"
#include "dpdk/interrupt_thread.hpp"
#include "dpdk/output_capture.hpp"
#include "dpdk/run_folder.hpp"
#include "dpdk/vdev.hpp"

// rte_vect.h of 22.11 declares this without C linkage, so a C++ caller must.
extern "C" uint16_t rte_vect_get_max_simd_bitwidth(void);

namespace pfs {
namespace {

constexpr int kPanicked = -2;

sigjmp_buf panicked;
thread_local bool starting = false;

/// rte_panic ends in abort(): on the thread that starts EAL, the way leads back to where EAL was called.
extern "C" void on_abort(int) {
  if (starting) siglongjmp(panicked, 1);
}

/// rte_eal_init, or kPanicked. Between the two ends of the jump stand only C functions of DPDK.
int init_or_panic(std::vector<char*>& argv) {
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = on_abort;
  sigemptyset(&action.sa_mask);
  sigaction(SIGABRT, &action, &before);
  starting = true;
  volatile int used = kPanicked;
  if (sigsetjmp(panicked, 1) == 0) used = rte_eal_init(static_cast<int>(argv.size()) - 1, argv.data());
  starting = false;
  sigaction(SIGABRT, &before, nullptr);
  return used;
}

tl::unexpected<Error> refused(const std::vector<LogLine>& lines) {
  const std::optional<Cause> cause = find_cause(lines);
  if (cause) return fail("EAL", cause->what, cause->remedy);
  return fail("EAL", fmt::format("it does not start ({})", rte_strerror(rte_errno)),
              "--log-level=debug shows what it does");
}

}  // namespace

Result<Eal> Eal::start(const EalArguments& arguments) {
  // EAL keeps pointers into argv and permutes it, so the strings live as long as the process.
  static std::vector<std::string> kept;
  kept = arguments.words;
  // The quiet lines of drivers tell why a peer or a device refuses.
  if (!arguments.log_level) kept.insert(kept.begin() + 1, "--log-level=pmd.*:debug");
  std::vector<char*> argv;
  argv.reserve(kept.size() + 1);
  for (std::string& argument : kept) argv.push_back(argument.data());
  argv.push_back(nullptr);
  if (arguments.help) {
    rte_eal_init(static_cast<int>(kept.size()), argv.data());
    return fail("EAL", "help was asked for", "", Exit::kDone);
  }
  remove_run_folder_at_exit();
  open_eal_log(arguments.log_level);
  OutputCapture capture;
  int used = 0;
  {
    const ShownLater later;
    used = init_or_panic(argv);
  }
  const std::string printed = capture.stop();
  const std::vector<LogLine> lines = take_eal_lines();
  print(Stream::kError, used < 0 ? written_by_others(printed) : printed);
  if (used < 0) return refused(lines);
  Eal eal;
  if (auto there = check_probed(arguments.devices, lines); !there) return tl::unexpected(there.error());
  eal.notes_ = warnings(lines);
  return eal;
}

Eal::Eal(Eal&& other) noexcept : running_(other.running_), notes_(std::move(other.notes_)) { other.running_ = false; }

Eal::~Eal() {
  if (!running_) return;
  park_interrupt_thread();
  rte_eal_cleanup();
}

uint32_t eal_simd_bits() noexcept { return rte_vect_get_max_simd_bitwidth(); }

uint64_t ticks_per_second() noexcept { return rte_get_tsc_hz(); }

}  // namespace pfs
