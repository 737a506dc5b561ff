#include "dpdk/eal_arguments.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/escape.hpp"
#include "config/words.hpp"

namespace pfs {
namespace {

enum class Takes { kNothing, kValue, kMaybe };

struct LongOption {
  std::string_view name;
  Takes takes;
};

// eal_long_options and eal_short_options of DPDK 22.11 (lib/eal/common/eal_common_options.c).
constexpr std::array kLong = {
    LongOption{"allow", Takes::kValue},
    LongOption{"base-virtaddr", Takes::kValue},
    LongOption{"block", Takes::kValue},
    LongOption{"create-uio-dev", Takes::kNothing},
    LongOption{"file-prefix", Takes::kValue},
    LongOption{"force-max-simd-bitwidth", Takes::kValue},
    LongOption{"help", Takes::kNothing},
    LongOption{"huge-dir", Takes::kValue},
    LongOption{"huge-unlink", Takes::kMaybe},
    LongOption{"huge-worker-stack", Takes::kMaybe},
    LongOption{"in-memory", Takes::kNothing},
    LongOption{"iova-mode", Takes::kValue},
    LongOption{"lcores", Takes::kValue},
    LongOption{"legacy-mem", Takes::kNothing},
    LongOption{"log-level", Takes::kValue},
    LongOption{"main-lcore", Takes::kValue},
    LongOption{"match-allocations", Takes::kNothing},
    LongOption{"mbuf-pool-ops-name", Takes::kValue},
    LongOption{"no-hpet", Takes::kNothing},
    LongOption{"no-huge", Takes::kNothing},
    LongOption{"no-pci", Takes::kNothing},
    LongOption{"no-shconf", Takes::kNothing},
    LongOption{"no-telemetry", Takes::kNothing},
    LongOption{"proc-type", Takes::kValue},
    LongOption{"single-file-segments", Takes::kNothing},
    LongOption{"socket-limit", Takes::kValue},
    LongOption{"socket-mem", Takes::kValue},
    LongOption{"syslog", Takes::kValue},
    LongOption{"telemetry", Takes::kNothing},
    LongOption{"trace", Takes::kValue},
    LongOption{"trace-bufsz", Takes::kValue},
    LongOption{"trace-dir", Takes::kValue},
    LongOption{"trace-mode", Takes::kValue},
    LongOption{"vdev", Takes::kValue},
    LongOption{"vfio-intr", Takes::kValue},
    LongOption{"vfio-vf-token", Takes::kValue},
    LongOption{"vmware-tsc-map", Takes::kNothing},
};
constexpr std::string_view kShortWithValue = "abcsdlSmnr";
constexpr std::string_view kShortAlone = "hv";
constexpr const char* kOrder = "EAL arguments stand before `--`, packetfs's own behind it";

/// The option of this name, or the only one that the name begins.
Result<LongOption> find_long(const std::string& name) {
  std::vector<std::string_view> begun;
  for (const LongOption& option : kLong) {
    if (option.name == name) return option;
    if (option.name.starts_with(name)) begun.push_back(option.name);
  }
  if (begun.size() == 1)
    return *std::find_if(kLong.begin(), kLong.end(), [&](const LongOption& o) { return o.name == begun.front(); });
  if (!begun.empty())
    return fail("EAL", fmt::format("'--{}' may be --{}", name, fmt::join(begun, " or --")), "write the option out");
  std::vector<std::string_view> names;
  names.reserve(kLong.size());
  for (const LongOption& option : kLong) names.push_back(option.name);
  const std::string near = suggest(name, names, "");
  return fail("EAL", fmt::format("it does not know {}", quote("--" + name)),
              near.starts_with("did you mean") ? fmt::format("{} {}", near, kOrder) : kOrder);
}

/// Goes through the words once, as getopt_long does.
class Parser {
 public:
  explicit Parser(const std::vector<std::string>& words) : words_(words) {}

  Result<EalArguments> parse() {
    if (!words_.empty()) found_.words.push_back(words_.front());
    for (at_ = 1; at_ < words_.size(); ++at_) {
      const std::string& word = words_[at_];
      const Result<void> read = word.starts_with("--") ? read_long(word.substr(2))
                                : word.size() > 1 && word[0] == '-'
                                    ? read_short(word)
                                    : fail("EAL", fmt::format("it does not know {}", quote(word)), kOrder);
      if (!read) return tl::unexpected(read.error());
    }
    found_.files = !in_memory_ && !found_.no_huge;
    // EAL refuses the pair; under --no-huge all that --in-memory would add is that no file is shared.
    if (in_memory_) found_.words.emplace_back(found_.no_huge ? "--no-shconf" : "--in-memory");
    return std::move(found_);
  }

 private:
  Result<void> read_long(const std::string& text) {
    const size_t equals = text.find('=');
    const Result<LongOption> option = find_long(text.substr(0, equals));
    if (!option) return tl::unexpected(option.error());
    const std::string name(option->name);
    if (equals != std::string::npos) {
      if (option->takes == Takes::kNothing)
        return fail("EAL", fmt::format("--{} takes no value", name), fmt::format("write --{} alone", name));
      return note_value(name, text.substr(equals + 1), {"--" + name + text.substr(equals)});
    }
    if (option->takes != Takes::kValue) return note_flag(name);
    if (++at_ == words_.size()) return unfinished("--" + name);
    return note_value(name, words_[at_], {"--" + name, words_[at_]});
  }

  Result<void> read_short(const std::string& word) {
    for (size_t letter = 1; letter < word.size(); ++letter) {
      const char option = word[letter];
      if (kShortAlone.find(option) != std::string_view::npos) {
        found_.help |= option == 'h';
        continue;
      }
      if (kShortWithValue.find(option) == std::string_view::npos)
        return fail("EAL", fmt::format("it does not know {}", quote(fmt::format("-{}", option))), kOrder);
      found_.amount |= option == 'm';
      found_.words.push_back(word);
      if (letter + 1 < word.size()) return {};
      if (++at_ == words_.size()) return unfinished(fmt::format("-{}", option));
      found_.words.push_back(words_[at_]);
      return {};
    }
    found_.words.push_back(word);
    return {};
  }

  Result<void> note_flag(const std::string& name) {
    found_.no_huge |= name == "no-huge";
    found_.help |= name == "help";
    in_memory_ |= name == "in-memory";
    if (name != "in-memory") found_.words.push_back("--" + name);
    return {};
  }

  Result<void> note_value(const std::string& name, const std::string& value, const std::vector<std::string>& words) {
    if (name == "proc-type" && value != "primary")
      return fail("EAL",
                  fmt::format("--proc-type={} shares the memory of another process, and packetfs never does", value),
                  "leave it out; processes side by side take a --file-prefix each");
    found_.amount |= name == "socket-mem";
    found_.simd |= name == "force-max-simd-bitwidth";
    found_.log_level |= name == "log-level";
    if (name == "huge-dir") found_.huge_folder = value;
    if (name == "vdev") found_.devices.push_back(value);
    found_.words.insert(found_.words.end(), words.begin(), words.end());
    return {};
  }

  static Result<void> unfinished(const std::string& option) {
    return fail("EAL", fmt::format("{} has no value", option), kOrder);
  }

  const std::vector<std::string>& words_;
  size_t at_ = 1;
  bool in_memory_ = false;
  EalArguments found_;
};

}  // namespace

Result<EalArguments> read_eal_arguments(const std::vector<std::string>& words) { return Parser(words).parse(); }

}  // namespace pfs
