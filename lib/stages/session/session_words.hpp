#pragma once

#include <span>
#include <string>

#include "base/result.hpp"
#include "dpdk/port.hpp"
#include "session/endpoint.hpp"

namespace pfs {

/// Why a session is over, for people; the remedy belongs to it.
std::string words(const session::Ending& why);

/// The exit code of a run whose session ends so.
Exit exit_of(ByeUnit::Reason reason) noexcept;

/// The address alone: `02:00:00:00:00:01`, `10.0.0.2`.
std::string words(const session::Address& peer);

/// Who is at the end of a path, by port and address: `p0 02:00:00:00:00:01`, `p1 10.0.0.2`.
std::string peer_words(const ReplyPath& to, std::span<const Port> ports);

}  // namespace pfs
