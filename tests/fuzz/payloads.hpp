#pragma once

#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace pfs::test {

using Bytes = std::vector<uint8_t>;

inline Bytes from_hex(const std::string& hex) {
  Bytes out;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    out.push_back(static_cast<uint8_t>(std::stoul(hex.substr(i, 2), nullptr, 16)));
  }
  return out;
}

/// The payloads of a file of tests/vectors.
inline std::vector<Bytes> payloads_of(const std::string& name) {
  std::ifstream file(std::string(PFS_VECTORS) + "/" + name);
  std::vector<Bytes> out;
  std::string line;
  std::getline(file, line);  // the layout
  while (std::getline(file, line)) out.push_back(from_hex(nlohmann::json::parse(line)["payload"].get<std::string>()));
  return out;
}

}  // namespace pfs::test
