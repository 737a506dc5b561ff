#include "machine/cpus.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>

namespace pfs {
namespace {

constexpr unsigned kMostCpus = 8192;  // the kernel's own bound (NR_CPUS)
constexpr const char* kFolder = "sys/devices/system/cpu/";

/// Cpus_allowed_list of this process.
std::string allowed_list(const Tree& tree) {
  std::istringstream lines(tree.text("proc/self/status").value_or(""));
  for (std::string line; std::getline(lines, line);)
    if (constexpr std::string_view kName = "Cpus_allowed_list:"; line.starts_with(kName)) {
      const size_t list = line.find_first_not_of(" \t", kName.size());
      return list == std::string::npos ? std::string() : line.substr(list);
    }
  return {};
}

}  // namespace

std::vector<unsigned> parse_cpu_list(const std::string& list) {
  std::vector<unsigned> cpus;
  std::istringstream parts(list);
  for (std::string part; std::getline(parts, part, ',');) {
    const char* const end = part.data() + part.size();
    unsigned first = 0;
    auto [rest, error] = std::from_chars(part.data(), end, first);
    unsigned last = first;
    if (error == std::errc{} && rest != end && *rest == '-') {
      const auto upper = std::from_chars(rest + 1, end, last);
      rest = upper.ptr;
      error = upper.ec;
    }
    if (error != std::errc{} || rest != end) continue;
    for (unsigned cpu = first; cpu <= std::min(last, kMostCpus); ++cpu) cpus.push_back(cpu);
  }
  std::sort(cpus.begin(), cpus.end());
  return cpus;
}

std::string format_cpu_list(const std::vector<unsigned>& cpus) {
  std::string text;
  for (size_t first = 0; first < cpus.size();) {
    size_t last = first;
    while (last + 1 < cpus.size() && cpus[last + 1] == cpus[last] + 1) ++last;
    text += text.empty() ? "" : ",";
    text += first == last ? fmt::format("{}", cpus[first]) : fmt::format("{}-{}", cpus[first], cpus[last]);
    first = last + 1;
  }
  return text;
}

Cpus read_cpus(const Tree& tree) {
  const auto list = [&](const char* name) {
    return parse_cpu_list(tree.text(kFolder + std::string(name)).value_or(""));
  };
  Cpus cpus{.online = list("online"),
            .allowed = parse_cpu_list(allowed_list(tree)),
            .isolated = list("isolated"),
            .nohz = list("nohz_full")};
  for (const unsigned cpu : cpus.online) {
    const auto governor = tree.text(fmt::format("{}cpu{}/cpufreq/scaling_governor", kFolder, cpu));
    if (!governor || *governor == "performance") continue;
    if (cpus.slow.empty()) cpus.governor = *governor;
    cpus.slow.push_back(cpu);
  }
  const auto nodes = parse_cpu_list(tree.text("sys/devices/system/node/online").value_or("0"));
  cpus.nodes = std::max(1u, static_cast<unsigned>(nodes.size()));
  return cpus;
}

}  // namespace pfs
