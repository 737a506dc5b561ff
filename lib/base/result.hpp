#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace pfs {

/// Process exit codes; pipelines/README.md has the table.
enum class Exit : int {
  kDone = 0,
  kFailed = 1,
  kConfiguration = 2,
  kInterrupted = 3,  ///< by a signal, before the run began
  kDeviceGone = 4,   ///< a port's device disappeared during the run
  kUnverified = 20,
  kSourceChanged = 21,  ///< all was done, but the file that was sent changed meanwhile
  kSecondSignal = 130
};

/// A start-up error: what is wrong, where, and what to do about it. Only main prints it, as one line.
struct Error {
  std::string where;  ///< `pipelines/x.yaml:12`, a device or a path; may be empty
  std::string what;   ///< `ring 'rx_asm' has 1000 slots, not a power of two`
  std::string hint;   ///< `try 1024`; may be empty
  Exit exit = Exit::kConfiguration;

  [[nodiscard]] std::string line() const {
    std::string text = where.empty() ? what : where + ": " + what;
    return hint.empty() ? text : text + "; " + hint;
  }
};

template <class T>
using Result = tl::expected<T, Error>;

/// `return fail("pipelines/x.yaml:12", "unknown key 'sise'", "did you mean 'size'?");`
inline tl::unexpected<Error> fail(std::string where, std::string what, std::string hint = {},
                                  Exit exit = Exit::kConfiguration) {
  return tl::unexpected<Error>(Error{std::move(where), std::move(what), std::move(hint), exit});
}

}  // namespace pfs
