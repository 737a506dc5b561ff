#include "dpdk/eal_cause.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/escape.hpp"

namespace pfs {
namespace {

constexpr uint32_t kErrorLevel = 4;    // RTE_LOG_ERR; lower is worse
constexpr uint32_t kWarningLevel = 5;  // RTE_LOG_WARNING

/// What a line with a sign in it is worth.
enum class Rank {
  kCause,        ///< an error of this text is a cause, and there is something to do about it
  kQuietCause,   ///< the same, though the line is logged as no error
  kConsequence,  ///< something before the line went wrong
  kChatter,      ///< the line tells of no fault
};

struct Known {
  std::string_view sign;
  Rank rank;
  std::string_view remedy;
};

// Lines of DPDK 22.11: EAL, and the drivers of drivers-config/.
constexpr std::array kKnown = {
    // EAL
    Known{"no mounted hugetlbfs", Rank::kQuietCause,
          "add --in-memory, or mount one: mount -t hugetlbfs none /dev/hugepages"},
    Known{"Error creating '", Rank::kCause,
          "make the folder writable, or name another run directory: RUNTIME_DIRECTORY=/tmp/run packetfs ..."},
    Known{"for rte_mem_config", Rank::kCause,
          "make the folder writable, or name another run directory: RUNTIME_DIRECTORY=/tmp/run packetfs ..."},
    Known{"Cannot create lock", Rank::kCause, "add --file-prefix NAME, another for each process"},
    Known{"Cannot set affinity", Rank::kCause,
          "a CPU of -l or --lcores is not in this process's cpuset; `grep Cpus_allowed_list /proc/self/status` shows "
          "which are"},
    Known{"Cannot open /proc", Rank::kCause, "mount it: mount -t proc proc /proc"},
    Known{"huge page size from /proc", Rank::kCause, "mount it: mount -t proc proc /proc"},
    Known{"lcore", Rank::kCause, "see `lscpu -e` for the CPUs there are"},
    Known{"Cannot use IOVA as 'PA'", Rank::kCause, "run as root, or add --iova-mode=va"},
    Known{"no available device found for", Rank::kCause, "`dpdk-devbind.py -s` lists the devices there are"},
    Known{"No space left on device", Rank::kCause, "make room in the run directory and on the hugetlbfs mount"},
    Known{"failed to parse device", Rank::kCause,
          "name a device of a driver that this DPDK has (drivers-config/README.md), or a PCI address"},
    // net_af_packet, net_af_xdp, net_tap
    Known{"SIOCGIFINDEX", Rank::kCause, "`ip link` lists the interfaces of this network namespace"},
    Known{"channel info of interface", Rank::kCause, "`ip link` lists the interfaces of this network namespace"},
    Known{"is larger than combined queue count", Rank::kCause, "ethtool -L IFACE combined N, or a smaller queue_count"},
    Known{"Failed to create xsk socket", Rank::kCause,
          "another process may hold this queue of the interface (`ss --xdp -p`): stop it, or name another start_queue"},
    Known{"Operation not permitted", Rank::kCause,
          "run as root, or give the capabilities that drivers-config/README.md lists"},
    Known{"Permission denied", Rank::kCause,
          "run as root, or give the capabilities that drivers-config/README.md lists"},
    Known{"enough buffers for fq", Rank::kQuietCause, "raise `mbufs`: the fill ring of a queue takes 4096"},
    // net_pcap
    Known{"unknown file format", Rank::kCause, "name a capture in pcap or pcapng format"},
    Known{"truncated dump file", Rank::kCause, "name a capture in pcap or pcapng format"},
    Known{"Couldn't open", Rank::kCause, "name a file or an interface that is there and may be read"},
    // net_memif
    Known{"Unix socket address too long", Rank::kCause, "name a socket= path of 107 bytes at most"},
    Known{"Invalid socket directory", Rank::kCause, "make the folder of socket= first"},
    Known{"Failed to setup socket", Rank::kCause, "another process listens there: name another socket=, or stop it"},
    Known{"Failed to connect socket", Rank::kCause,
          "nobody listens there: start a peer with role=server and this socket="},
    Known{"ID not found", Rank::kQuietCause, "the peer has another id=: give both ends the same"},
    Known{" not found.", Rank::kQuietCause, "the peer asked for another id=: give both ends the same"},
    Known{"Incorrect secret", Rank::kQuietCause, "give both ends the same secret="},
    Known{"Secret required", Rank::kQuietCause, "give both ends the same secret="},
    Known{"Already connected", Rank::kQuietCause, "a third process has this id=: give each pair its own"},
    Known{"can not have the same role", Rank::kCause, "give one end role=server and the other role=client"},
    // What follows from something else
    Known{"PANIC in ", Rank::kConsequence, ""}, Known{"Cannot create runtime directory", Rank::kConsequence, ""},
    Known{"Invalid 'command line' arguments", Rank::kConsequence, ""},
    Known{"Cannot get hugepage information", Rank::kConsequence,
          "add --in-memory (no hugetlbfs mount is needed then), or --no-huge"},
    Known{"Cannot init ", Rank::kConsequence, ""}, Known{"Cannot probe devices", Rank::kConsequence, ""},
    Known{"probe failed", Rank::kConsequence, ""}, Known{"failed to initialize", Rank::kConsequence, ""},
    Known{"Failed to init internals", Rank::kConsequence, ""},
    Known{"Failed to configure xdp socket", Rank::kConsequence, ""},
    // What is no fault
    Known{"(rte_dump_stack+", Rank::kChatter, ""},
    Known{"hugepages reported on node", Rank::kChatter, ""},              // a size of which there are none; others do
    Known{"No legacy callbacks, legacy socket not", Rank::kChatter, ""},  // of every run with telemetry
    Known{"Failed to register mp action callback: Operation not supported", Rank::kChatter, ""},  // memif, --in-memory
};

const Known* known(std::string_view line) {
  const auto found = std::find_if(kKnown.begin(), kKnown.end(),
                                  [&](const Known& each) { return line.find(each.sign) != std::string_view::npos; });
  return found == kKnown.end() ? nullptr : &*found;
}

/// `3: packetfs (main+0x10) [...]`, of the stack that a panic prints.
bool is_stack_frame(std::string_view line) {
  const std::string text = plain_text(line);
  return !text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) != 0 && text.find(": ") < 4 &&
         text.find("+0x") != std::string::npos;
}

Cause cause_of(const LogLine& line, std::string remedy) { return {plain_text(line.text), std::move(remedy)}; }

}  // namespace

std::string plain_text(std::string_view line) {
  if (line.starts_with("EAL: ")) line.remove_prefix(5);
  if (const size_t call = line.find("(): ");
      call != std::string_view::npos && line.substr(0, call).find(' ') == std::string_view::npos)
    line.remove_prefix(call + 4);
  while (line.starts_with(" ")) line.remove_prefix(1);
  while (!line.empty() && (line.back() == '.' || line.back() == ' ' || line.back() == '\n')) line.remove_suffix(1);
  return escape(line);
}

bool is_chatter(std::string_view line) {
  const Known* const sign = known(line);
  return line.empty() || is_stack_frame(line) || (sign != nullptr && sign->rank == Rank::kChatter);
}

std::optional<Cause> find_cause(std::span<const LogLine> lines) {
  const LogLine *first = nullptr, *last = nullptr, *told = nullptr, *consequence = nullptr;
  for (const LogLine& line : lines) {
    if (is_chatter(line.text)) continue;
    const Known* const sign = known(line.text);
    const bool error = line.level <= kErrorLevel;
    if (sign != nullptr && sign->rank == Rank::kConsequence) {
      if (error) consequence = &line;
    } else if (error) {
      // A known cause goes before errors that nobody has met.
      if (first == nullptr || (sign != nullptr && known(first->text) == nullptr)) first = &line;
      last = &line;
    } else if (sign != nullptr && sign->rank == Rank::kQuietCause) {
      told = &line;
    }
  }
  const LogLine* const cause = first != nullptr ? first : told != nullptr ? told : consequence;
  if (cause == nullptr) return std::nullopt;
  const Known* const sign = known(cause->text);
  Cause found = cause_of(*cause, sign == nullptr ? std::string() : std::string(sign->remedy));
  if (cause == first && last->text != first->text) found.what += fmt::format(" ({})", plain_text(last->text));
  return found;
}

std::vector<std::string> warnings(std::span<const LogLine> lines) {
  std::vector<std::string> notes;
  for (const LogLine& line : lines)
    if (line.level <= kWarningLevel && !is_chatter(line.text)) notes.push_back(plain_text(line.text));
  return notes;
}

std::string written_by_others(std::string_view printed) {
  std::string text;
  while (!printed.empty()) {
    const size_t end = std::min(printed.find('\n'), printed.size() - 1) + 1;
    const std::string_view line = printed.substr(0, end);
    printed.remove_prefix(end);
    if (line.starts_with("Usage: ")) break;  // the rest is EAL's list of options
    if (line != "\n" && !line.starts_with("EAL: ") && !is_stack_frame(line)) text += line;
  }
  return text;
}

}  // namespace pfs
