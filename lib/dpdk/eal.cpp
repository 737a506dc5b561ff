#include "dpdk/eal.hpp"

#include <fmt/format.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <sstream>
#include <string_view>

#include "dpdk/interrupt_thread.hpp"
#include "dpdk/output_capture.hpp"

// rte_vect.h of 22.11 declares this without C linkage, so a C++ caller must.
extern "C" uint16_t rte_vect_get_max_simd_bitwidth(void);

namespace pfs {
namespace {

/// EAL's complaints, and what to do about them.
struct Remedy {
  std::string_view sign;
  std::string_view hint;
};
constexpr std::array kRemedies = {
    Remedy{"unrecognized option", "EAL arguments stand before `--`, packetfs's own behind it"},
    Remedy{"invalid option", "EAL arguments stand before `--`, packetfs's own behind it"},
    Remedy{"option requires an argument", "EAL arguments stand before `--`, packetfs's own behind it"},
    Remedy{"no mounted hugetlbfs", "add --in-memory, or mount one: mount -t hugetlbfs none /dev/hugepages"},
    Remedy{"get hugepage information", "add --in-memory (no hugetlbfs mount is needed then), or --no-huge"},
    Remedy{"Cannot create lock", "another process runs under this prefix; add --file-prefix NAME"},
    Remedy{"lcore", "see `lscpu -e` for the CPUs there are"},
};

bool starts_with_any(std::string_view line, std::initializer_list<std::string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](std::string_view p) { return line.starts_with(p); });
}

/// The line that says why: one that a remedy knows, else the last one that is neither chatter nor usage text.
Error diagnose(const std::string& output) {
  std::istringstream lines(output);
  Error error{.where = "EAL", .what = fmt::format("it does not start ({})", rte_strerror(rte_errno)), .hint = {}};
  for (std::string line; std::getline(lines, line);) {
    for (const Remedy& remedy : kRemedies) {
      if (line.find(remedy.sign) == std::string::npos || line.starts_with(" ")) continue;
      if (starts_with_any(line, {"EAL: Detected"})) continue;
      const size_t text = line.starts_with("EAL: ")              ? 5
                          : line.find(": ") == std::string::npos ? 0
                                                                 : line.find(": ") + 2;
      return {.where = "EAL", .what = line.substr(text), .hint = std::string(remedy.hint)};
    }
    if (line.starts_with("EAL: ") && !starts_with_any(line, {"EAL: Detected", "EAL: Multi", "EAL: Selected",
                                                             "EAL: No free", "EAL: Invalid 'command line'"}))
      error.what = line.substr(5);
    else if (line.find("failed") != std::string::npos || line.find("Failed") != std::string::npos)
      error.what = line;
  }
  return error;
}

}  // namespace

EalWishes read_eal_wishes(const std::vector<std::string>& arguments) {
  EalWishes wishes;
  for (const std::string& argument : arguments) {
    wishes.no_huge |= argument == "--no-huge";
    wishes.amount |= argument.starts_with("-m") || argument.starts_with("--socket-mem");
    wishes.simd |= argument.starts_with("--force-max-simd-bitwidth");
    wishes.help |= argument == "-h" || argument == "--help";
  }
  return wishes;
}

Result<Eal> Eal::start(const std::vector<std::string>& arguments) {
  // EAL keeps pointers into argv and permutes it, so the strings live as long as the process.
  static std::vector<std::string> kept;
  kept = arguments;
  std::vector<char*> argv;
  argv.reserve(kept.size() + 1);
  for (std::string& argument : kept) argv.push_back(argument.data());
  argv.push_back(nullptr);
  if (read_eal_wishes(arguments).help) {
    rte_eal_init(static_cast<int>(kept.size()), argv.data());
    return fail("EAL", "help was asked for", "", Exit::kDone);
  }
  OutputCapture capture;
  const int used = rte_eal_init(static_cast<int>(kept.size()), argv.data());
  const std::string output = capture.stop();
  if (used < 0) return tl::unexpected(diagnose(output));
  std::fputs(output.c_str(), stderr);
  if (used + 1 < static_cast<int>(kept.size()))
    return fail("EAL", fmt::format("it does not know '{}'", argv[static_cast<size_t>(used) + 1]),
                "EAL arguments stand before `--`, packetfs's own behind it");
  return Eal();
}

Eal::Eal(Eal&& other) noexcept : running_(other.running_) { other.running_ = false; }

Eal::~Eal() {
  if (!running_) return;
  park_interrupt_thread();
  rte_eal_cleanup();
}

uint32_t eal_simd_bits() noexcept { return rte_vect_get_max_simd_bitwidth(); }

uint64_t ticks_per_second() noexcept { return rte_get_tsc_hz(); }

}  // namespace pfs
