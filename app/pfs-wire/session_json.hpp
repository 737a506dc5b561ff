#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace pfs {

/// What a session's receiver makes of a payload for which is_carried() holds, as the "session" of a decoded line:
/// {"error": name or null, "crc": "holds", "differs" or null (it cannot be checked), "carry": {...} or null,
/// "units": [{"unit": "SACK", ...}, {"unit": "raw", "bytes": "..."}, ...], "bytes": payload up to which END and zeros
/// fill the units, or null}. Units that are not of sessions are "raw".
nlohmann::ordered_json session_json(std::span<const uint8_t> payload);

/// The payload, sealed, that a row with "session" (as above; "error" and "crc" are not looked at) and "header" (fields
/// that are left out are 0) describes. Errors begin with `where`.
Result<std::vector<uint8_t>> session_payload(const nlohmann::json& row, const std::string& where);

}  // namespace pfs
