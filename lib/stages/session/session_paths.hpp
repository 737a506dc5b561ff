#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "session/endpoint.hpp"
#include "session/neighbours/addressing.hpp"
#include "stages/session/kernel_table.hpp"
#include "stages/session/path_config.hpp"

namespace pfs {

/// The paths of a session that is opened from here, and the addresses at which others reach this end: finds the next
/// hops, opens the session once they are known, and tells the endpoint when a path's headers change. Lives in the
/// session's stages; one lcore, save look_outside().
class SessionPaths {
 public:
  /// `ports` are started. `patience`: how long a session waits for next hops that do not answer.
  static Result<std::unique_ptr<SessionPaths>> create(const std::vector<PathSetting>& settings,
                                                      std::span<const Port> ports, const transport::PathConfig& timing,
                                                      transport::Time patience);

  /// What dial() says.
  struct Dialled {
    session::SessionId session = session::kNoSession;
    bool failed = false;  ///< nothing is to be expected any more; words() says why
  };
  /// Opens a session by those paths whose next hops are known, as soon as that is so of all of them, or of some after a
  /// second. Call it until it says something.
  Dialled dial(session::Endpoint& endpoint, transport::Time now) noexcept;

  /// The session that dial() opened is over, and another one is to be opened.
  void begin_anew() noexcept;
  /// Tells the endpoint what has changed since the last call. `dialled`: the session that dial() opened, if it did.
  void look(session::Endpoint& endpoint, session::SessionId dialled, transport::Time now) noexcept;

  /// The peer is silent, or does not answer in time: the next hops are asked for anew.
  void doubt(transport::Time now) noexcept;

  /// Reads the kernel's table where a path asks for that. From a thread that polls no queue.
  void look_outside() noexcept;

  /// Which next hops are not known, for people.
  [[nodiscard]] std::string words() const;

  session::Addressing& addressing() noexcept { return addressing_; }
  [[nodiscard]] const session::Addressing& addressing() const noexcept { return addressing_; }

 private:
  struct Path {
    std::string name;
    size_t kernel = SIZE_MAX;        // place in the kernel's table; SIZE_MAX: none
    std::optional<MacAddress> told;  // what that said last
    std::optional<uint8_t> slot;     // number of the path in the session
    bool ready = false;              // its headers are known:
    session::PathConfig known;
  };

  SessionPaths(const std::vector<PathSetting>& settings, std::span<const session::PathAddress> addresses,
               const transport::PathConfig& timing, transport::Time patience);
  bool resolve(transport::Time now) noexcept;
  void ask_kernel(transport::Time now) noexcept;
  void readdress(session::Endpoint& endpoint, session::SessionId dialled, transport::Time now) noexcept;

  session::Addressing addressing_;
  std::unique_ptr<KernelTable> table_;
  std::vector<Path> paths_;
  std::vector<session::PathConfig> dialled_by_;
  transport::PathConfig timing_;
  transport::Time patience_;
  transport::Time began_ = 0;
  transport::Time look_at_ = 0;  // when next hops are looked at again, whether or not anything was heard of them
  uint32_t seen_ = 0;            // of addressing_.changes()
  uint8_t slots_ = 0;            // numbers of paths that the session has used
  uint32_t looks_ = 0;           // of look_outside()
};

}  // namespace pfs
